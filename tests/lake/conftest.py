"""Buckets over a socket against a local server; modules that use it ask for `nothing_goes_wrong`."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from pipeline.lake import bucket as client
from pipeline.lake import lease as leases
from tests.lake.in_bucket import SECRET, InBucket
from tests.s3_server import Server, left_out, python


@pytest.fixture(scope="session")
def server():
    """A local server of buckets (tests.s3_server.Server)."""
    found = python()
    if found is None or find_spec("obstore") is None:
        left_out("obstore and an S3 server are not installed: make .venv/.test .venv/s3-server/.done")
    started = Server(found)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def as_anybody(server, tmp_path_factory):
    """Keys and address as anybody gives them, and no long waiting."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "AKIATESTTESTTESTTEST", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": server.url, "HOME": str(tmp_path_factory.mktemp("nobody")),
        }.items():  # fmt: skip
            patch.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL_S3", "AWS_SESSION_TOKEN", "COALWATCH_LAKE"):
            patch.delenv(name, raising=False)
        patch.setattr(client, "_RETRIES", {**client._RETRIES, "max_retries": 2})
        patch.setattr(leases, "_LOOK_S", 0.1)
        client._store.cache_clear()
        yield
    client._store.cache_clear()


@pytest.fixture
def nothing_goes_wrong(server, as_anybody):
    """Whatever this test lets the server do wrong ends with it."""
    yield
    server.fail()


@pytest.fixture
def home(server, tmp_path):
    """A home whose lake will lie in a bucket of its own."""
    return InBucket(tmp_path / "home", server.bucket())
