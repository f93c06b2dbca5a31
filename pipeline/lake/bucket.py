"""A folder of a bucket (S3 and what speaks like it): small objects written on condition, large ones under new keys.

Objects are read by ranges, by whoever has the address: it travels to other processes, credentials never do. These come
from the environment, a profile of `~/.aws`, or the machine's role, and stand in no message.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Sequence
from configparser import ConfigParser, Error
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from pipeline.errors import CoalwatchError, InputError, SourceUnavailable

if TYPE_CHECKING:
    import pyarrow as pa

_URL = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([\w!.*'()=+-]+(?:/[\w!.*'()=+-]+)*)?/?)?", re.ASCII)
_TAIL = 1 << 16  # bytes at an object's end that come with its size: the footer of nearly every Parquet file
_CLIENT = {"timeout": timedelta(seconds=60), "connect_timeout": timedelta(seconds=10)}
_RETRIES = {"max_retries": 10, "retry_timeout": timedelta(seconds=180)}
_KEYS = {"access_key_id": "aws_access_key_id", "secret_access_key": "aws_secret_access_key"}
_PROFILE = {**_KEYS, "session_token": "aws_session_token"}
_RIGHTS = "see its keys, and that they may read, write, list and delete there"


class Found(NamedTuple):
    """A small object: its content, and the tag that a conditional write names."""

    content: bytes
    etag: str


@dataclass(frozen=True)
class Bucket:
    """A folder of a bucket.

    url     s3://BUCKET or s3://BUCKET/FOLDER
    raises  InputError for an address of another form; every method, where not said otherwise: InputError for a bucket
            that is not there or may not be used, SourceUnavailable if nothing answers
    """

    url: str

    def __post_init__(self) -> None:
        if not _URL.fullmatch(self.url):
            raise InputError(f"{self.url}: no address of a bucket; expected s3://BUCKET or s3://BUCKET/FOLDER")
        object.__setattr__(self, "url", self.url.rstrip("/"))

    def read(self, key: str) -> Found | None:
        """A small object; None where there is none."""
        import obstore

        with self._answering(key):
            try:
                found = obstore.get(self._store, key)
                return Found(bytes(found.bytes()), found.meta["e_tag"] or "")
            except FileNotFoundError as error:
                _see_bucket(error)
                return None

    def create(self, key: str, content: bytes) -> str | None:
        """Write a small object where there is none, and give its tag; None if there is one."""
        return self._put(key, content, "create")

    def swap(self, key: str, content: bytes, etag: str) -> str | None:
        """Write a small object in place of the one with a tag, and give the new tag; None if it has another one.

        A tag follows the content: who must know that nobody wrote meanwhile puts something new into each content.
        """
        return self._put(key, content, {"e_tag": etag})

    def upload(self, key: str, path: Path) -> None:
        """Write a file under a key that was never used; it is there whole, or not at all.

        raises  OSError of the file besides
        """
        import obstore

        with self._answering(key):
            obstore.put(self._store, key, path)

    def download(self, key: str, path: Path) -> None:
        """Write an object to a file.

        raises  FileNotFoundError if there is none, OSError of the file besides
        """
        with path.open("wb") as file:
            for block in self.blocks(key):
                file.write(block)

    def blocks(self, key: str) -> Iterator[Any]:
        """The bytes of an object as it is now, block by block.

        raises  FileNotFoundError if there is none
        """
        import obstore

        with self._answering(key):
            yield from obstore.get(self._store, key)

    def size(self, key: str) -> int | None:
        """The number of an object's bytes; None where there is none."""
        import obstore

        with self._answering(key):
            try:
                return int(obstore.head(self._store, key)["size"])
            except FileNotFoundError:
                return None

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; one that is not there is none the less."""
        import obstore

        for n in range(0, len(keys), 1000):
            with self._answering(keys[n]):
                obstore.delete(self._store, keys[n : n + 1000])

    def names(self, folder: str, after: str = "") -> Iterator[str]:
        """Names of the objects in and below a folder ("": all) in order, from the first one after a name: a request a
        thousand."""
        import obstore

        within = f"{folder}/" if folder else ""
        with self._answering(folder):
            for chunk in obstore.list(self._store, within or None, offset=within + after if after else None):
                yield from (one["path"].removeprefix(within) for one in chunk)

    def _put(self, key: str, content: bytes, mode: Any) -> str | None:
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        with self._answering(key):
            try:
                return obstore.put(self._store, key, content, mode=mode)["e_tag"] or ""
            except (AlreadyExistsError, PreconditionError):
                # an attempt whose answer was lost is made again, and refused for what it had written itself
                found = self.read(key)
                return found.etag if found and found.content == content else None

    @property
    def _store(self) -> Any:
        return _store(self.url)

    @contextmanager
    def _answering(self, key: str) -> Iterator[None]:
        """Tell what a server, the network or missing rights refused, in one line without a word of any credentials."""
        from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

        where = f"{self.url}/{key}"
        try:
            yield
        except (BaseError, FileNotFoundError) as error:
            words = str(error)
            code = re.search(r"<Code>(\w{1,60})</Code>", words)
            why = code[1] if code else "no answer"
            if why == "NoSuchBucket":
                raise InputError(f"{self.url}: no such bucket; expected one that is there") from None
            if isinstance(error, FileNotFoundError):
                raise
            if "169.254." in words:  # where a machine's role would be
                raise InputError(
                    f"{self.url}: no credentials; expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile in "
                    "~/.aws (AWS_PROFILE), or a machine with a role"
                ) from None
            if isinstance(error, (PermissionDeniedError, UnauthenticatedError)):
                raise InputError(f"{where}: refused ({why}); {_RIGHTS}") from None
            status = re.search(r"status code: (\d+)", words)
            slow = "timed out" in words or "TimedOut" in words or "kind: Timeout" in words
            why = f"HTTP {status[1]} {code[1] if code else ''}".strip() if status else "time ran out" if slow else why
            raise SourceUnavailable(f"{where}: {why}; see that it is within reach, and run again") from None


@dataclass(frozen=True)
class Stored:
    """An object of a bucket that never changes. It may be handed to other processes."""

    bucket: Bucket
    key: str

    def __str__(self) -> str:
        return f"{self.bucket.url}/{self.key}"

    @property
    def name(self) -> str:
        """The name without its folder."""
        return Path(self.key).name

    @property
    def stem(self) -> str:
        """The name without its folder and its ending."""
        return Path(self.key).stem

    def open(self) -> pa.NativeFile:
        """The object as a file of which only the ranges that are asked for are fetched.

        raises  FileNotFoundError if it is not there
        """
        import pyarrow as pa

        return pa.PythonFile(Ranges(self), "r")

    def stream(self) -> IO[bytes]:
        """As `open`, as a stream of Python's."""
        size = self.bucket.size(self.key)
        if size is None:
            raise FileNotFoundError(self.key)
        return io.BufferedReader(Ranges(self), 2 * _TAIL) if size else io.BytesIO()  # nothing has no ranges


class Ranges(io.RawIOBase):
    """An object as a file that can be sought: its end and its size come with one request, every read is one more.

    failed  what a read raised: libraries that read it on behalf of others wrap it in words of their own
    """

    def __init__(self, stored: Stored) -> None:
        import obstore

        self.stored, self._at = stored, 0
        self.failed: Exception | None = None
        with stored.bucket._answering(stored.key):
            found = obstore.get(stored.bucket._store, stored.key, options={"range": {"suffix": _TAIL}})
            self._size, self._tail = found.meta["size"], bytes(found.bytes())

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As of any file."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        """As of any file."""
        found = self.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def read(self, size: int = -1) -> bytes:
        """As of any file; all that was asked for, unless the object ends before.

        raises  as `Bucket`, FileNotFoundError if the object is gone
        """
        import obstore

        left = max(self._size - self._at, 0)
        size = left if size < 0 else min(size, left)
        tail = self._size - len(self._tail)
        if self._at >= tail or not size:
            found = self._tail[self._at - tail : self._at - tail + size] if size else b""
        else:
            try:
                with self.stored.bucket._answering(self.stored.key):
                    store = self.stored.bucket._store
                    found = bytes(obstore.get_range(store, self.stored.key, start=self._at, length=size))
            except (CoalwatchError, FileNotFoundError) as error:
                self.failed = error
                raise
        self._at += len(found)
        return found


@lru_cache(maxsize=8)
def _store(url: str) -> Any:
    """The client of a process for an address."""
    if find_spec("obstore") is None:
        raise InputError(f"{url} needs obstore, which is not installed: pip install 'coalwatch[s3]'")
    from obstore.store import S3Store

    found = _URL.fullmatch(url)
    assert found is not None
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    settings: dict[str, Any] = {
        "client_options": {**_CLIENT, "allow_http": endpoint.startswith("http://")},
        "retry_config": dict(_RETRIES),
    }
    if endpoint:
        settings["endpoint"] = endpoint
    return S3Store(found[1], prefix=found[2], **settings, **_of_profile())


def _of_profile() -> dict[str, Any]:
    """Keys and region of a profile of `~/.aws`, where the environment gives no keys.

    raises  InputError if AWS_PROFILE names one without keys
    """
    if os.environ.get("AWS_ACCESS_KEY_ID"):
        return {}
    name = os.environ.get("AWS_PROFILE") or "default"
    held = _section("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", name)
    more = _section("AWS_CONFIG_FILE", "~/.aws/config", name if name == "default" else f"profile {name}")
    keys = {ours: value for ours, theirs in _PROFILE.items() if (value := held.get(theirs) or more.get(theirs))}
    if os.environ.get("AWS_PROFILE") and not keys.keys() >= _KEYS.keys():
        raise InputError(
            f"AWS_PROFILE {name}: no keys in ~/.aws; of a profile of another kind: "
            f'eval "$(aws configure export-credentials --profile {name} --format env)"'
        )
    if not keys.keys() >= _KEYS.keys():
        return {}
    in_environment = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    region = None if in_environment else more.get("region")
    return keys | ({"region": region} if region else {})


def _section(variable: str, usual: str, name: str) -> dict[str, str]:
    parser = ConfigParser(interpolation=None)
    try:
        parser.read(Path(os.environ.get(variable) or usual).expanduser(), encoding="utf-8")
    except (Error, UnicodeDecodeError, OSError):
        return {}
    return dict(parser[name]) if parser.has_section(name) else {}


def _see_bucket(error: FileNotFoundError) -> None:
    """raises  the error again where it is not an object that is missing, but the bucket"""
    if "<Code>NoSuchBucket<" in str(error):
        raise error


Place = Path | Stored  # of a part of the lake: in the home's folder, or in a bucket


@contextmanager
def on_disk(place: Place, folder: Path) -> Iterator[Path]:
    """A file on the disk: itself, or, while this lasts, fetched into a folder under its name.

    raises  FileNotFoundError if there is no such object, OSError of the disk besides
    """
    if isinstance(place, Path):
        yield place
        return
    path = folder / "fetched" / place.name
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        place.bucket.download(place.key, path)
        yield path
    finally:
        path.unlink(missing_ok=True)


def size_of(place: Place) -> int:
    """The number of a file's bytes.

    raises  FileNotFoundError if it is gone
    """
    size = place.stat().st_size if isinstance(place, Path) else place.bucket.size(place.key)
    if size is None:
        raise FileNotFoundError(str(place))
    return size


def readable(place: Place) -> Path | pa.NativeFile:
    """What pyarrow reads a part from."""
    return place if isinstance(place, Path) else place.open()
