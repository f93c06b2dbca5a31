"""Files made by hand, and landing them in a home of their own."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.formats.registry import find_source
from pipeline.formats.unpack import read_head
from pipeline.lake.lake import Lake
from pipeline.lake.landing import Landed, land
from pipeline.lake.reading import read_positions

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NOAA_2024 = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass\n"  # noqa: E501
COUNTS = (
    "rows_read",
    "positions",
    "vessel_reports",
    "positions_with_report",
    "not_ships",
    "message_parts",
    "duplicates",
    "rejected",
)


def noaa_row(mmsi=445000001, time="2023-01-11T00:00:00", lat=38.6, lon=125.1, name="KUM SAN", **more: Any) -> str:
    """One row of a MarineCadastre file, through 2024."""
    rest = {
        "sog": "8.8",
        "cog": "272.7",
        "heading": "270.0",
        "imo": "IMO8518780",
        "status": "0.0",
        "draft": "6.5",
    } | more
    return (
        f"{mmsi},{time},{lat},{lon},{rest['sog']},{rest['cog']},{rest['heading']},{name},{rest['imo']},HMZF,70,{rest['status']},"
        f"96.0,16.0,{rest['draft']},70,A\n"
    )


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """A file of this content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def land_one(lake: Lake, path: Path, source: str = "auto", **options: Any) -> Landed:
    """Land one file."""
    return land(lake, [path], source, **({"now": NOW} | options))[0]


def counts(landed: Landed) -> dict[str, int]:
    """The counts that are not zero."""
    return {name: landed.source_file[name] for name in COUNTS if landed.source_file[name]}


def reasons(lake: Lake, landed: Landed) -> dict[str, int]:
    """Reasons of rejection of a file, with their counts."""
    frame = lake.rejected_row_counts()
    frame = frame[frame["source_file_id"] == landed.source_file["source_file_id"]]
    return dict(zip(frame["reason"], frame["rows"], strict=True))


def format_of(path: Path) -> str:
    """Name of the source that `auto` finds for a file."""
    return find_source("auto", read_head(path)).name


def duplicates_across_files(lake: Lake, day: str) -> int:
    """How many position rows of a day repeat another in all but source_file_id and receiver."""
    return read_positions(lake.parts("positions", day), None)[1]
