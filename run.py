"""The one entry: `python run.py` serves; `python run.py --help` lists what else it does. All of it is in `cli/`."""

import sys

from cli import main

if __name__ == "__main__":
    sys.exit(main())
