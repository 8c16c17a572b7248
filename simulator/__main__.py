"""``python -m simulator --port 8099 --api-key KEY``"""

import argparse
import logging
import os
import signal
import sys
from zoneinfo import ZoneInfo

from .api import Api
from .campaigns import Campaigns
from .clock import Clock
from .pbx import Pbx
from .server import Server
from .web import make

LAST_PORT = 65535


def main() -> None:
    """Serve until a signal comes; the ready line ends with the address in use."""
    options = parse(sys.argv[1:])
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    for number in (signal.SIGTERM, signal.SIGINT):
        # long polls may hang in their threads: nothing is to be tidied up for them
        signal.signal(number, lambda *_args: os._exit(0))
    pbx = Pbx(
        options.desks,
        Clock(options.time_zone, options.speed),
        is_older=options.older,
        patience=options.patience,
    )
    times = options.wire_times or ("older" if options.older else "newer")
    api = Api(pbx, Campaigns(), options.api_key, has_older_times=times == "older")
    try:
        http = make(options.host, options.port, Server(api))
    except OSError as error:
        sys.exit(f"Cannot listen on {options.host}:{options.port}: {error.strerror}")
    host = f"[{options.host}]" if ":" in options.host else options.host
    address = f"http://{host}:{http.server_port}"
    print(f"Noojee simulator ready at {address}", flush=True)
    http.serve_forever()


def parse(words: list[str]) -> argparse.Namespace:
    """Read the command line; ends the process with a hint where it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m simulator", description="A Noojee PBX in a box."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=port, default=8099, help="0: any that is free")
    parser.add_argument("--api-key", required=True)
    parser.add_argument(
        "--desks", type=desk_range, default="100-139", metavar="FIRST-LAST"
    )
    parser.add_argument(
        "--older", action="store_true", help="behave as an older system"
    )
    parser.add_argument("--time-zone", type=zone_name, default="Australia/Melbourne")
    parser.add_argument(
        "--speed", type=positive, default=1.0, help="how many times faster it rings"
    )
    parser.add_argument(
        "--patience",
        type=positive,
        default=1.0,
        help="how many times longer desks ring that nobody answers",
    )
    parser.add_argument(
        "--wire-times",
        choices=("older", "newer"),
        help="spelling of recordings' times and direction; as the system where not set",
    )
    return parser.parse_args(words)


def desk_range(text: str) -> range:
    """``100-139``, or one desk alone."""
    first, _dash, last = text.partition("-")
    desks = range(int(first), int(last or first) + 1)
    if not desks:
        raise argparse.ArgumentTypeError(f"no desks in {text}")
    return desks


def port(text: str) -> int:
    if not 0 <= int(text) <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"must be from 0 to {LAST_PORT}")
    return int(text)


def zone_name(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError):
        raise argparse.ArgumentTypeError(f"unknown time zone {text}") from None


def positive(text: str) -> float:
    if (number := float(text)) <= 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return number


if __name__ == "__main__":
    main()
