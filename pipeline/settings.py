"""Where things are on this installation: home folder and warehouse address.

Settings say *where*; what *counts* is in `pipeline.limits`. Read once at the edge (command line, DAG) and handed on.
"""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Installation settings, from arguments or from `COALWATCH_HOME` and `COALWATCH_WAREHOUSE_URL`.

    home            folder that holds everything of this installation: raw files, lake, `warehouse.sqlite`
    warehouse_url   SQLAlchemy URL; empty means `warehouse.sqlite` inside `home`
    """

    model_config = SettingsConfigDict(env_prefix="COALWATCH_", env_ignore_empty=True, extra="ignore")

    home: Path = Path("coalwatch-home")
    warehouse_url: str = ""

    @property
    def database_url(self) -> str:
        """The warehouse's SQLAlchemy URL."""
        return self.warehouse_url or f"sqlite:///{self.home / 'warehouse.sqlite'}"
