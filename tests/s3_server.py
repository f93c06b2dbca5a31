"""A local S3 server of the tests' own, and buckets in it that are nobody else's."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
import uuid
from pathlib import Path

import pytest

_PROGRAM = Path(__file__).with_name("s3_process.py")
_ROOT = Path(__file__).resolve().parents[1]


def python() -> Path | None:
    """The Python that has moto, in an environment of its own: its botocore wants other versions than we do."""
    named = os.environ.get("COALWATCH_TEST_S3_PYTHON")
    found = Path(named) if named else _ROOT / ".venv" / "s3-server" / "bin" / "python"
    return found if found.exists() else None


def left_out(why: str) -> None:
    """Skip, or fail where an S3 server is required (COALWATCH_TEST_S3=required)."""
    if os.environ.get("COALWATCH_TEST_S3") == "required":
        pytest.fail(why)
    pytest.skip(why)


class Server:
    """A server, by process and port."""

    def __init__(self, python: Path) -> None:
        self._process = subprocess.Popen(
            [python, _PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]}
        )
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"

    def bucket(self) -> str:
        """The address of a new bucket's folder."""
        name = f"lake-{uuid.uuid4().hex[:12]}"
        self._ask("PUT", f"/{name}")
        return f"s3://{name}/ais/lake"

    def objects(self, url: str) -> dict[str, str]:
        """Key to tag of all that lies in a bucket, below the folder of its address."""
        import obstore

        from pipeline.lake.bucket import Bucket

        return {one["path"]: one["e_tag"] for chunk in obstore.list(Bucket(url)._store) for one in chunk}

    def requests(self) -> list[str]:
        """What was asked since this was asked last: method and path."""
        return json.loads(self._ask("GET", "/-/requests"))

    def fail(self, *faults: dict) -> None:
        """What goes wrong from now on: method, path (a part of it), times, and status with code, or hang_s."""
        self._ask("POST", "/-/faults", json.dumps(faults).encode())

    def see_keys(self, after: int | None) -> None:
        """Refuse keys that it does not know after some more requests; None: never."""
        self._ask("POST", "/moto-api/reset-auth", str("inf" if after is None else after).encode())

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait()

    def _ask(self, method: str, path: str, data: bytes | None = None) -> bytes:
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "text/plain"}, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read()
