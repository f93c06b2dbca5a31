"""Where the knowledge files lie: beside the packages, in a checkout and in an installed wheel alike."""

import os
from pathlib import Path

from pipeline.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
SQL = ROOT / "sql"
_ROOMS = ("cases", "events", "formats", "providers", "seeds", "zones")


def extensions() -> Path | None:
    """The folder of what an installation adds to ours (`COALWATCH_EXTENSIONS`), None if it adds nothing.

    In it lie `formats/NAME.py`, `providers/NAME.py`, `events/NAME.py`, `cases/NAME.py`, `zones/NAME.geojson`, and files
    of seeds as ours lie in `seeds/`; each is read as if it lay among ours, and none may have the name of one of ours.

    raises  InputError for a folder that is not there or has none of these in it
    """
    named = os.environ.get("COALWATCH_EXTENSIONS")
    if not named:
        return None
    folder = Path(named).expanduser().resolve()
    if not any((folder / room).is_dir() for room in _ROOMS):
        raise InputError(f"COALWATCH_EXTENSIONS: {named} holds no folder {', '.join(_ROOMS[:-1])} or {_ROOMS[-1]}")
    return folder
