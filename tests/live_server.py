"""A web socket on this machine that speaks as aisstream is documented to, by a script."""

import json
import socket
import threading
from contextlib import contextmanager

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve


@contextmanager
def stream(*connections, process_request=None):
    """A server with a script for each connection (the last one for all that follow); gives address and subscriptions.

    A script is called with the connection once the subscription came; afterwards the connection is held open.
    """
    asked, scripts, over = [], list(connections), threading.Event()

    def handle(connection):
        try:
            asked.append(json.loads(connection.recv(timeout=3)))
            script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
            if script(connection) is not END:
                over.wait(10)
        except ConnectionClosed:
            pass

    with serve(handle, "127.0.0.1", 0, process_request=process_request, close_timeout=1) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/v0/stream", asked
        finally:
            over.set()
            server.shutdown()
            thread.join()


END = object()  # a script that gives this ends its connection


def send(*lines):
    def script(connection):
        for line in lines:
            connection.send(line)

    return script


def cut(*lines):
    """Send, then break off without a word."""

    def script(connection):
        send(*lines)(connection)
        connection.socket.shutdown(socket.SHUT_RDWR)
        return END

    return script


def close(code, reason, *lines):
    def script(connection):
        send(*lines)(connection)
        connection.close(code, reason)
        return END

    return script
