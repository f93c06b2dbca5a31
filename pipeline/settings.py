"""Where things are on this installation: home folder, warehouse address, mirrors.

Settings say *where*; what *counts* is in `pipeline.limits`. Read once at the edge (command line, DAG) and handed on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.engines.engine import ENGINES
from pipeline.errors import InputError

_SCHEMES = ("http://", "https://", "ws://", "wss://")
REVIEW_RULES = "review.yaml"  # in a home: what binds whoever decides (`tasks.review_rules`)
_HOME = Path("coalwatch-home")
_SQLITE = "sqlite:///"
_BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file of its own


@dataclass(frozen=True, init=False)
class Settings:
    """Installation settings, from arguments or from `COALWATCH_HOME`, `COALWATCH_WAREHOUSE_URL` and so on (an empty
    variable is none).

    home            folder that holds everything of this installation: raw files, lake, `warehouse.sqlite`
    warehouse_url   SQLAlchemy URL; empty means `warehouse.sqlite` inside `home`
    source_urls     addresses that take the place of a source's own (mirrors), by source; `<source>.token` for that of
                    its tokens; in the environment as JSON
    engine          where the work on positions is done: `embedded` or `spark`
    spark_master    Spark's address
    lake_url        bucket (s3://…) in which a new home's raw files, positions and vessel reports lie; empty: in `home`
    home_given      whether anybody named the home
    raises          InputError for addresses that cannot be read
    """

    home: Path
    warehouse_url: str
    source_urls: Mapping[str, str]
    engine: str
    spark_master: str
    lake_url: str
    home_given: bool

    def __init__(
        self,
        home: Path | str | None = None,
        warehouse_url: str | None = None,
        source_urls: Mapping[str, str] | None = None,
        engine: str | None = None,
        spark_master: str | None = None,
        lake_url: str | None = None,
    ) -> None:
        home = os.environ.get("COALWATCH_HOME") or None if home is None else home
        warehouse_url = os.environ.get("COALWATCH_WAREHOUSE_URL", "") if warehouse_url is None else warehouse_url
        urls = os.environ.get("COALWATCH_SOURCE_URLS") or {} if source_urls is None else source_urls
        values = {
            "home": _HOME if home is None else Path(home), "warehouse_url": warehouse_url,
            "source_urls": _addresses(urls), "home_given": home is not None,
            "engine": _engine(os.environ.get("COALWATCH_ENGINE") or ENGINES[0] if engine is None else engine),
            "spark_master": spark_master or os.environ.get("COALWATCH_SPARK_MASTER") or "local[*]",
            "lake_url": (os.environ.get("COALWATCH_LAKE") or "") if lake_url is None else lake_url,
        }  # fmt: skip
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def database_url(self) -> str:
        """The warehouse's SQLAlchemy URL."""
        return self.warehouse_url or f"sqlite:///{self.home / 'warehouse.sqlite'}"

    @property
    def landing(self) -> Path:
        """Folder with a folder for each source, where its files lie before they are ingested."""
        return self.home / "landing"

    def refuse_own(self, *files: Path | None) -> None:
        """See that no file that a command is about to write lies where this installation keeps its own.

        raises  InputError for the first that is its warehouse, or lies among its raw files, its lake or what waits
        """
        own = [self.home / name for name in ("lake", "raw", "landing", "warehouse.sqlite")]
        if self.database_url.startswith(_SQLITE):
            own.append(Path(self.database_url.removeprefix(_SQLITE).partition("?")[0]))
        kept = [one.resolve() for one in own]
        kept += [one.with_name(one.name + end) for one in kept for end in _BESIDE]
        for file in filter(None, files):
            if any(file.resolve().is_relative_to(one) for one in kept):
                raise InputError(f"{file} belongs to home {self.home} itself; give another name")


def _engine(name: str) -> str:
    if name not in ENGINES:
        raise InputError(f"COALWATCH_ENGINE is {name}; expected one of {', '.join(ENGINES)}")
    return name


def _addresses(value: Any) -> dict[str, str]:
    """Addresses by name, from a dictionary or JSON; what was found is not shown, it may hold a password."""
    try:
        found = json.loads(value) if isinstance(value, str) else dict(value)
        fits = all(isinstance(url, str) and url.startswith(_SCHEMES) for url in found.values())
    except (ValueError, TypeError, AttributeError):
        fits = False
    if not fits:
        raise InputError(
            'COALWATCH_SOURCE_URLS: no such form; expected JSON like {"noaa": "https://mirror.example/ais"}'
        )
    return found
