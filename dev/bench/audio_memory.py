"""How much memory it takes to bring a large leg home.

python3 dev/bench/audio_memory.py [MB of the leg, by default 500]
"""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shell import own_database, run
from stack.cache import as_main

MB = 1024 * 1024
LEG_MB = 500
HEAD = b"RIFF\0\0\0\0WAVEfmt "


class Audio(BaseHTTPRequestHandler):
    """A PBX that has but one leg, and sends it to whoever asks."""

    size = LEG_MB * MB

    def do_POST(self):
        self.send_response(200)
        self.send_header("Content-Length", str(self.size))
        self.end_headers()
        self.wfile.write(HEAD + bytes(MB - len(HEAD)))
        for _ in range(self.size // MB - 1):
            self.wfile.write(bytes(MB))

    def log_message(self, *_words):
        """Not a line for each request."""


def main() -> int:
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else LEG_MB
    Audio.size = megabytes * MB
    server = ThreadingHTTPServer(("127.0.0.1", 0), Audio)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    with own_database("bench_audio") as (odoo, database):
        return run(
            odoo, database, "audio_memory_in_odoo.py", URL=url, MEGABYTES=megabytes
        )


if __name__ == "__main__":
    as_main(main)
