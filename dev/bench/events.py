"""Events per second through a real listener process, and how late they are.

    python3 dev/bench/events.py

1,000 extensions in the simulator, a user at each; see dev/bench/README.md.
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stack import python_env
from stack.cache import as_main


def main() -> int:
    script = Path(__file__).with_name("events_on_stack.py")
    return subprocess.run([python_env.provide(), script], check=False).returncode


if __name__ == "__main__":
    as_main(main)
