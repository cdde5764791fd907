"""`python -m mindhaven`: the command line."""

import sys

from mindhaven.cli import main

if __name__ == "__main__":
    sys.exit(main())
