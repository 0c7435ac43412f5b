#!/usr/bin/env python3
"""A small HTTP service that is unhealthy at first. It needs Python alone.

    python3 examples/service.py [--port PORT] [--unhealthy REQUESTS]

Prints its port on one line as soon as it listens. The first requests are answered with 503, those
after them with 200; both with JSON that says how many there have been. It ends on SIGINT and
SIGTERM.
"""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Service(ThreadingHTTPServer):
    """Listens from the moment it is made, on a free port if `port` is 0."""

    daemon_threads = True

    def __init__(self, port: int, unhealthy: int) -> None:
        self.requests = 0
        self.unhealthy = unhealthy
        self.counting = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """Where to ask."""
        return f"http://127.0.0.1:{self.server_port}/health"


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        """Answer whether the service is healthy."""
        with self.server.counting:
            self.server.requests += 1
            requests = self.server.requests
        healthy = requests > self.server.unhealthy
        body = json.dumps({"healthy": healthy, "requests": requests}).encode()
        self.send_response(200 if healthy else 503)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Print nothing: the terminal belongs to the workflow."""


@contextmanager
def serving(*, port: int = 0, unhealthy: int = 0) -> Iterator[Service]:
    """Serve until the end of the block."""
    with Service(port, unhealthy) as service:
        thread = threading.Thread(target=service.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()


def main() -> None:
    """Serve until somebody says to end."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, default=0, help="by default a free one")
    parser.add_argument("--unhealthy", type=int, default=5, help="how many requests get a 503")
    asked = parser.parse_args()
    # Blocked before any thread is there, so that they are left for sigwait.
    endings = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, endings)
    try:
        with serving(port=asked.port, unhealthy=asked.unhealthy) as service:
            print(service.server_port, flush=True)
            signal.sigwait(endings)
    except OSError as error:
        sys.exit(f"cannot listen on port {asked.port}: {error.strerror}")


if __name__ == "__main__":
    main()
