"""Servers on this machine that misbehave as real ones do, and a `Web` that waits for nothing."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipeline.fetch.web import Web


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


class Told(list):
    """What `web` was told: waits in seconds as numbers, progress as lines."""

    @property
    def waits(self):
        return [one for one in self if not isinstance(one, str)]

    @property
    def lines(self):
        return [one for one in self if isinstance(one, str)]


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def web(told):
    """Make a `Web` that notes its waits in `told` instead of waiting."""
    made = []

    def make(**options):
        options = {"first_wait_s": 0.0, "timeout_s": 5.0, "sleep": told.append, "progress": told.append} | options
        made.append(Web("acme", **options).__enter__())
        return made[-1]

    yield make
    for one in made:
        one.__exit__()


class FileServer:
    """One file, served as told: what it holds, how it names its edition, what it makes of ranges, where it cuts."""

    def __init__(self):
        self.content = b""
        self.headers = {"ETag": '"one"'}
        self.ranges = True  # False: Range is ignored
        self.if_range = True  # False: If-Range is ignored
        self.names_edition_of_parts = True  # False: a 206 says neither ETag nor Last-Modified
        self.shift = 0  # a 206 begins so many bytes off
        self.cuts = []  # bytes after which the connection ends, one per request; None: it does not
        self.hangs = False  # instead of ending, a cut connection falls silent
        self._over = threading.Event()
        self.asked = []  # headers of each request
        self.sent = 0  # bytes of content, all requests together
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                server.answer(self)

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/file.bin"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self):
        """End every connection and the server."""
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request):
        self.asked.append(dict(request.headers))
        start = self._asked_start(request)
        if start is not None and start >= len(self.content):
            request.send_response(416)
            request.send_header("Content-Range", f"bytes */{len(self.content)}")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        begin = 0 if start is None else start + self.shift
        body = self.content[begin:]
        request.send_response(200 if start is None else 206)
        for name, value in self.headers.items():
            if start is None or self.names_edition_of_parts:
                request.send_header(name, value)
        if start is not None:
            request.send_header("Content-Range", f"bytes {begin}-{len(self.content) - 1}/{len(self.content)}")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        cut = self.cuts.pop(0) if self.cuts else None
        body = body[:cut]
        self.sent += len(body)
        request.wfile.write(body)
        if cut is not None:
            request.wfile.flush()
            if self.hangs:
                self._over.wait()
            request.close_connection = True

    def _asked_start(self, request):
        asked, edition = request.headers.get("Range"), request.headers.get("If-Range")
        if not asked or not self.ranges:
            return None
        if edition and self.if_range and edition not in self.headers.values():
            return None
        return int(asked.removeprefix("bytes=").removesuffix("-"))


@pytest.fixture
def file_server():
    server = FileServer()
    yield server
    server.close()
