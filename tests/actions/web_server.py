"""A small web server on the loopback interface that answers as it is told to."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer. `block` is waited for after half of the body; `cut` closes after that."""

    status: int = 200
    reason: str | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    block: threading.Event | None = None
    cut: bool = False


Responder = Callable[[Seen], Answer]


class WebServer:
    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.respond: Responder = lambda seen: Answer(body=seen.method.encode())
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                length = int(self.headers.get("content-length", 0))
                seen = Seen(
                    method=self.command,
                    path=self.path,
                    headers=self.headers.items(),
                    body=self.rfile.read(length),
                )
                web.seen.append(seen)
                answer = web.respond(seen)
                self.send_response(answer.status, answer.reason)
                for name, value in answer.headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.close_connection = True
                if self.command == "HEAD":
                    return
                half = len(answer.body) // 2
                try:
                    self.wfile.write(answer.body[:half])
                    if answer.block is not None:
                        answer.block.wait(30)
                    if not answer.cut:
                        self.wfile.write(answer.body[half:])
                except ConnectionError:
                    pass  # the client has had enough

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_any  # noqa: N815

            def log_message(self, *arguments: object) -> None:
                pass

        return Handler
