"""What the tests of requests and files ask, and of what they are made."""

from datetime import UTC, datetime

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
CONTENT = bytes(range(256)) * 4000  # about 1 MB
SECRET = "s3/cr+t&=ü%"


def ask(web, httpserver, path="/", **options):
    return web.request("GET", httpserver.url_for(path), **options)
