"""`python -m local`: serve Berth on this machine, or talk to one that is served."""

from __future__ import annotations

import sys

from local.cli import main

if __name__ == "__main__":
    sys.exit(main())
