"""A server on this machine, and what it may send."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Act = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Answers each request with the next of `script`, the last of which stays, or is used up too if `once`; with `usual` after that."""

    def __init__(self, usual=None):
        self.script: list[Act] = []
        self.once = usual is not None
        self.asked: list[str] = []
        self.seen: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                outer.seen.append(dict(self.headers))
                if usual and not outer.script:
                    usual(self)
                    return
                act = outer.script.pop(0) if len(outer.script) > 1 or outer.once else outer.script[0]
                act(self)

            def log_message(self, format, *args):
                """Stay quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"


@contextlib.contextmanager
def running(usual=None):
    """Run a server until the block ends."""
    server = Server(usual)
    Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()


def sends(body, code=200, **headers):
    """Send a body, and announce its length unless `Content_Length` is another one."""

    def act(handler):
        handler.send_response(code)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        with contextlib.suppress(OSError):
            handler.wfile.write(body)

    return act


def drips(body):
    """Send a byte at a time."""

    def act(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        with contextlib.suppress(OSError):
            for at in range(len(body)):
                handler.wfile.write(body[at : at + 1])
                time.sleep(0.02)

    return act
