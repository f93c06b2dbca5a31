"""An S3 server (moto) on loopback, run by a Python that has moto: its port is printed, and requests go wrong on demand.

POST /-/faults takes a list of faults: method, part of the path, how often, how many requests are spared before, and
status with S3's code, seconds to hang, that it is done and the answer lost, that conditions are not seen, or that other
bytes come back.
GET /-/requests gives method and path of all requests since it was asked last.
"""

import json
import logging
import time

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

_ERROR = "<Error><Code>{code}</Code><Message>as asked</Message></Error>"
faults: list[dict] = []
requests: list[str] = []
s3 = DomainDispatcherApplication(create_backend_app)


def application(environ, start_response):
    """Moto, with what a test wants to go wrong."""
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    if path == "/-/faults":
        faults[:] = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        start_response("204 No Content", [])
        return [b""]
    if path == "/-/requests":
        said = json.dumps([requests.pop(0) for _ in range(len(requests))]).encode()
        start_response("200 OK", [("Content-Length", str(len(said)))])
        return [said]
    if not path.startswith("/moto-api"):
        requests.append(f"{method} {path}")
    for fault in faults:
        if fault["method"] == method and fault["path"] in path and fault["times"]:
            if fault.get("spared"):
                fault["spared"] -= 1
                break
            fault["times"] -= 1
            if fault.get("blind"):
                environ.pop("HTTP_IF_MATCH", None)
                environ.pop("HTTP_IF_NONE_MATCH", None)
                break
            if fault.get("other"):
                return [bytes(byte ^ 1 for byte in b"".join(s3(environ, start_response)))]
            if fault.get("after"):  # it was done, and nobody is told
                b"".join(s3(environ, lambda *_: None))
            time.sleep(fault.get("hang_s", 0))
            said = _ERROR.format(code=fault.get("code", "SlowDown")).encode()
            start_response(fault.get("status", "503 Slow Down"), [("Content-Length", str(len(said)))])
            return [said]
    return s3(environ, start_response)


logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server("127.0.0.1", 0, application, threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
