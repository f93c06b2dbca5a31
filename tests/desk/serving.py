"""A desk on a real socket of this machine, served by a thread of the tests."""

from __future__ import annotations

import html
import re
import socket
import threading
from contextlib import contextmanager
from datetime import UTC, datetime

import uvicorn

from pipeline.desk.app import create_app
from pipeline.settings import Settings

CLOCK = datetime(2026, 1, 1, tzinfo=UTC)
PASSWORD = "correct horse battery"


def fields_of(page):
    """The hidden fields of the forms of a page."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def sign_in(client, name, password=PASSWORD, **more):
    """Send the form of the page that asks who one is."""
    form = fields_of(client.get("/sign-in").text) | {"name": name, "password": password} | more
    return client.post("/sign-in", data=form)


@contextmanager
def served(home, *, warehouse_url="", **options):
    """The address of a desk on a home, like http://127.0.0.1:40123; options are those of `create_app`."""
    with on_a_socket(create_app(Settings(home, warehouse_url), **options)) as address:
        yield address


@contextmanager
def on_a_socket(app):
    """The address of an application, served by a thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", ws="none", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
