"""Where things are on this installation: home folder, warehouse address, mirrors.

Settings say *where*; what *counts* is in `pipeline.limits`. Read once at the edge (command line, DAG) and handed on.
"""

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from pipeline.errors import InputError

_SCHEMES = ("http://", "https://", "ws://", "wss://")


def _addresses(value: Any) -> Any:
    """Addresses by name, from a dictionary or JSON; what was found is not shown, it may hold a password."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
        fits = all(isinstance(url, str) and url.startswith(_SCHEMES) for url in found.values())
    except (ValueError, AttributeError):
        fits = False
    if not fits:
        raise InputError(
            'COALWATCH_SOURCE_URLS: no such form; expected JSON like {"noaa": "https://mirror.example/ais"}'
        )
    return found


class Settings(BaseSettings):
    """Installation settings, from arguments or from `COALWATCH_HOME`, `COALWATCH_WAREHOUSE_URL` and so on.

    home            folder that holds everything of this installation: raw files, lake, `warehouse.sqlite`
    warehouse_url   SQLAlchemy URL; empty means `warehouse.sqlite` inside `home`
    source_urls     addresses that take the place of a source's own (mirrors), by source; `<source>.token` for that of
                    its tokens; in the environment as JSON
    """

    model_config = SettingsConfigDict(env_prefix="COALWATCH_", env_ignore_empty=True, extra="ignore")

    home: Path = Path("coalwatch-home")
    warehouse_url: str = ""
    source_urls: Annotated[dict[str, str], NoDecode, BeforeValidator(_addresses)] = {}

    @property
    def database_url(self) -> str:
        """The warehouse's SQLAlchemy URL."""
        return self.warehouse_url or f"sqlite:///{self.home / 'warehouse.sqlite'}"

    @property
    def landing(self) -> Path:
        """Folder with a folder for each source, where its files lie before they are ingested."""
        return self.home / "landing"
