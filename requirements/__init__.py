"""What Berth installs: the locked lists, and the program that installs them."""
