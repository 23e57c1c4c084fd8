"""What turns the code into something CloudFormation can deploy. Never shipped to Lambda."""
