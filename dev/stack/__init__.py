"""What the tools of this folder share."""

import sys

# before anything that an older Python cannot read, and before anything is downloaded
OLDEST, NEWEST = (3, 11), (3, 13)
if not OLDEST <= sys.version_info[:2] <= NEWEST:
    sys.exit(
        f"Python {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]} is needed, this is "
        f"{sys.version.split()[0]}. Name another: make run PYTHON=/path/to/python3"
    )
