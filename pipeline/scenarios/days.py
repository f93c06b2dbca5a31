"""A scenario as files: one CSV a UTC day in the form NOAA MarineCadastre published through 2024."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas import DataFrame
from pyarrow import csv

from geo.files import write_whole
from pipeline.scenarios.reception import heard
from pipeline.scenarios.sailing import reports
from pipeline.scenarios.script import Scenario

# The published column names, in order, and what of a report they hold.
_COLUMNS = {
    "MMSI": "mmsi",
    "BaseDateTime": "timestamp",
    "LAT": "latitude",
    "LON": "longitude",
    "SOG": "sog_kn",
    "COG": "cog_deg",
    "Heading": "heading_deg",
    "VesselName": "name",
    "IMO": "imo",
    "CallSign": "call_sign",
    "VesselType": "ship_type",
    "Status": "status",
    "Length": "length_m",
    "Width": "width_m",
    "Draft": "draught_m",
    "Cargo": "ship_type",
    "TransceiverClass": "transceiver_class",
}


def write_days(scenario: Scenario, folder: Path, progress: Callable[[int, int], None] | None = None) -> list[Path]:
    """Write what the receivers of a scenario heard, a file a UTC day, the same bytes every time.

    A file appears whole or not at all; one that is there already with these bytes is left as it is.

    folder    made if missing
    progress  called with (days written, days in all) after each day
    returns   the files, in order of their days
    """
    folder.mkdir(parents=True, exist_ok=True)
    received = _received(scenario)
    days = pd.date_range(scenario.from_at, scenario.to_at, freq="D", inclusive="left")
    bounds = np.searchsorted(received["at_s"], (days - days[0]).total_seconds())
    files = []
    for number, (day, begin, end) in enumerate(zip(days, bounds, [*bounds[1:], len(received)], strict=True)):
        path = folder / f"AIS_{day:%Y_%m_%d}.csv"
        _write_whole(path, _csv(received.iloc[begin:end]))
        files.append(path)
        if progress is not None:
            progress(number + 1, len(days))
    return files


def _received(scenario: Scenario) -> DataFrame:
    """All reports that any receiver heard, sorted by time, then MMSI."""
    receivers = scenario.waters.receivers
    frames = [frame[heard(frame, scenario, receivers)] for frame in reports(scenario)]
    received = pd.concat(frames, ignore_index=True).sort_values(["at_s", "mmsi", "ship"], ignore_index=True)
    start = np.datetime64(scenario.from_at.replace(tzinfo=None), "s")
    moments = start + received["at_s"].to_numpy().astype("timedelta64[s]")
    imo = received["imo"].astype("str").radd("IMO").where(received["imo"].notna(), None)
    return received.assign(timestamp=np.datetime_as_string(moments, unit="s"), imo=imo)


def _csv(day: DataFrame) -> bytes:
    columns = [pa.array(day[column], from_pandas=True) for column in _COLUMNS.values()]
    buffer = io.BytesIO()
    csv.write_csv(
        pa.table(columns, names=list(_COLUMNS)), buffer, csv.WriteOptions(quoting_style="none", include_header=True)
    )
    header, rows = buffer.getvalue().split(b"\n", 1)
    return header.replace(b'"', b"") + b"\n" + rows


def _write_whole(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    write_whole(path, content)
