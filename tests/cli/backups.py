"""What a backup is made of and compared by in tests: homes on both engines, and what is asked of them."""

from pipeline import contracts
from pipeline.settings import Settings
from pipeline.tasks.backup_manifest import read_manifest
from pipeline.warehouse.store import open_for_reading, open_warehouse
from tests.tasks.world import CLOCK

LATER = [CLOCK.replace(hour=hour) for hour in range(6)]


def quiet(line):
    """Progress that nobody reads."""


def moved_to_postgres(settings, url):
    """The same home with its warehouse on PostgreSQL."""
    with open_for_reading(settings.database_url) as origin, open_warehouse(url) as copy, copy.transaction():
        for table in contracts.WAREHOUSE:
            copy.sync(table, origin.read(table))
        copy.note_filled_from(*origin.filled_from())
    return Settings(home=settings.home, warehouse_url=url)


def leftovers(folder):
    return [path.name for path in folder.rglob(".*") if path.name.endswith(".part")]


def damaged(folder, what):
    manifest = read_manifest(folder)
    dump = folder / manifest.warehouse.file
    if what == "cut":
        dump.write_bytes(dump.read_bytes()[:-100])
    elif what == "a byte":
        content = bytearray(dump.read_bytes())
        content[len(content) // 2] ^= 1
        dump.write_bytes(content)
    elif what == "gone":
        (folder / "home" / "lake" / "catalog.sqlite").unlink()
    elif what == "manifest":
        path = folder / "manifest.json"
        path.write_text(path.read_text().replace('"reviews": 1', '"reviews": 0'))
    elif what == "manifest cut":
        path = folder / "manifest.json"
        path.write_bytes(path.read_bytes()[:300])
    elif what == "no manifest":
        (folder / "manifest.json").unlink()
    elif what == "no sum":
        (folder / "manifest.json.sha256").write_bytes(b"\xff\xfe")
