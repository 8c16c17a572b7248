"""How much memory it takes to bring a large leg home.

python3 dev/bench/audio_memory.py [MB of the leg, by default 500]
"""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stack.cache import as_main
from stack.odoo import Odoo
from stack.postgres import Cluster

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
    with Cluster().running() as cluster:
        odoo = Odoo(cluster)
        database = odoo.database_name("bench_audio")
        odoo.install(database)
        try:
            return measure(odoo, database, server.server_port, megabytes)
        finally:
            odoo.drop(database)


def measure(odoo: Odoo, database: str, port: int, megabytes: int) -> int:
    script = Path(__file__).with_name("audio_memory_in_odoo.py").read_text()
    settings = f"URL, MEGABYTES = 'http://127.0.0.1:{port}', {megabytes}\n"
    process = subprocess.run(
        odoo.command("shell", "-d", database, "--no-http", "--log-level=error"),
        input=settings + script,
        env=odoo.environment,
        text=True,
        check=False,
    )
    return process.returncode


if __name__ == "__main__":
    as_main(main)
