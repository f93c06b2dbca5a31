"""Radar detections of Global Fishing Watch, whichever file they come in: values typed, rows accepted or rejected.

A row is an echo at the moment or in the hour of a pass. One of a day, a month or a longer time is none: it says of no
pass what was there, and is rejected. A row of the 4Wings report lies at the centre of a cell of 0.01°; where all rows
of a file lie at multiples of 0.1° they are of the coarse grid, which no ship can be held against.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pipeline.contracts import PROVIDER_DETECTION
from pipeline.formats.gfw_pages import PROVIDER, alpha2
from pipeline.formats.gfw_values import mmsi
from pipeline.formats.record import EventsReading
from pipeline.imo import is_imo, read_imo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pandas import DataFrame, Series

_FIRST_RADAR = "2014-04-03"  # Sentinel-1A was launched; the provider's detections begin in 2017
_HOUR = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d(:\d\d)?(:\d\d(\.\d+)?)?( ?UTC|Z|[+-]\d\d:?\d\d)?", re.ASCII)
_COARSE_CELLS = 3  # so many cells lie on the grid of 0.1° by chance once in a million files
_TEXTS = ("dataset", "scene", "ship", "name", "ship_kind")
_SCORES = ("length_m", "presence_score", "matching_score", "fishing_score")
SENT = (
    "dataset", "scene", "hour", "at", "longitude", "latitude", "detections", "matched", "told", "ship", "mmsi", "imo",
    "name", "flag", "ship_kind", *_SCORES, "raw",
)  # fmt: skip
_DETAILS = {
    "unreadable": "a document or line that is no detection",
    "another_dataset": "a row of another data set; expected public-global-sar-presence",
    "not_by_ship": "the row does not say which ship it was matched with; ask with group-by=VESSEL_ID",
    "too_coarse": "the row is of a longer time than an hour, or of a cell of 0.1°; ask with temporal-resolution=HOURLY "
    "and spatial-resolution=HIGH",
    "bad_time": "expected a time like 2021-01-05 09:00 or 2021-01-05 09:28:34 UTC, from 2014 on",
    "future": "the time lies in the future",
    "bad_position": "expected degrees, of a report the centre of a cell of 0.01°",
    "bad_count": "expected a whole number of detections, at least 1",
}


def sift(sent: DataFrame, first_future: str, *, precise: bool) -> EventsReading:
    """Each row as a detection, a duplicate (the same again in the file) or a reject with its reason.

    sent          one row per row read, columns SENT: values as sent; `told` is a reason that the format found already,
                  or empty; `matched` bool; `raw` the row as read
    first_future  times from here on (ISO 8601, UTC) are rejected
    precise       whether rows are positions; else cells
    """
    from pandas import DataFrame

    sent = sent.reindex(columns=list(SENT)).reset_index(drop=True)
    rows = _typed(sent, precise=precise)
    reason = _reasons(rows, sent, first_future, precise=precise)
    kept = reason == ""
    content = [name for name in rows.columns if name != "provider"]
    repeated = kept & rows.where(kept)[content].duplicated()
    rejects = DataFrame({"line": range(1, len(sent) + 1), "reason": reason, "raw": sent["raw"]})
    rejects["detail"] = rejects["reason"].map(_DETAILS)
    names = [name for name in PROVIDER_DETECTION.names if name != "source_file_id"]
    found = PROVIDER_DETECTION.conform(rows[kept & ~repeated].assign(source_file_id=""))
    return EventsReading(
        events=found[names],
        rejects=rejects[reason != ""].reset_index(drop=True),
        rows_read=len(sent),
        duplicates=int(repeated.sum()),
    )


def moments(said: Series) -> Series:
    """Times (UTC) that texts say; null where they say none to the hour. Naive times are UTC."""
    from pandas import Series, to_datetime

    text = said.where([bool(_HOUR.fullmatch(str(value).strip())) for value in said])
    text = text.map(lambda value: str(value).strip().replace(" UTC", "Z").replace("UTC", "Z"), na_action="ignore")
    found = to_datetime(text, utc=True, errors="coerce", format="ISO8601")
    return Series(found, index=said.index).dt.as_unit("us")


def _typed(sent: DataFrame, *, precise: bool) -> DataFrame:
    from pandas import Series, to_numeric

    rows = sent[["matched"]].assign(provider=PROVIDER, precise=precise)
    for name in _TEXTS:
        rows[name] = sent[name].map(_text, na_action="ignore").astype("str")
    for name in ("longitude", "latitude", "detections", *_SCORES):
        plain = sent[name].map(lambda value: None if isinstance(value, bool) or "_" in str(value) else value)
        rows[name] = to_numeric(plain, errors="coerce").astype("float64")
        rows[name] = rows[name].where(rows[name].abs() < 1e9)
    rows["length_m"] = rows["length_m"].where(rows["length_m"] > 0)
    if not precise:
        for name in ("longitude", "latitude"):
            rows[name] = (rows[name] * 100).round() / 100
    at = moments(sent["at"])
    hour = moments(sent["hour"]).fillna(at).dt.floor("h")
    rows["hour"], rows["at"] = hour, at.where(at.dt.floor("h") == hour)
    rows["mmsi"] = Series([mmsi(value) for value in sent["mmsi"]], index=sent.index, dtype="Int64")
    numbers = [read_imo(value) for value in sent["imo"]]
    rows["imo"] = Series([n if n and is_imo(n) else None for n in numbers], index=sent.index, dtype="Int64")
    rows["flag"] = sent["flag"].map(lambda value: alpha2().get(str(value).strip().upper())).astype("str")
    rows["matched"] = sent["matched"].fillna(False).astype(bool)
    return rows


def _text(value: Any) -> str | None:
    return str(value).strip() or None if isinstance(value, (str, int)) and not isinstance(value, bool) else None


def _reasons(rows: DataFrame, sent: DataFrame, first_future: str, *, precise: bool) -> Series:
    """Why each row is rejected; empty if it is not. The first that holds."""
    from numpy import select
    from pandas import Series, Timestamp, to_numeric

    longitude, latitude = rows["longitude"], rows["latitude"]
    sound = longitude.between(-180, 180) & latitude.between(-90, 90) & ~((longitude == 0) & (latitude == 0))
    if not precise:
        for name in ("longitude", "latitude"):
            off = (to_numeric(sent[name], errors="coerce").astype("float64") - rows[name]).abs()
            sound &= off < 1e-4
    long_time = sent["hour"].map(lambda value: bool(re.fullmatch(r"\d{4}(-\d\d){0,2}(,.*)?", str(value))))
    coarse = Series(False, index=rows.index)
    if not precise and len(rows.loc[sound, ["longitude", "latitude"]].drop_duplicates()) >= _COARSE_CELLS:
        tenths = ((rows[["longitude", "latitude"]] * 10) % 1).round(6).isin([0.0, 1.0]).all(axis=1)
        coarse |= bool(tenths[sound].all())
    given = sent["told"].fillna("").astype("str")
    checks = {
        "too_coarse": long_time | coarse,
        "bad_time": rows["hour"].isna() | (rows["hour"] < Timestamp(_FIRST_RADAR, tz="UTC")),
        "future": rows["hour"] >= Timestamp(first_future, tz="UTC"),
        "bad_position": ~sound,
        "bad_count": ~((rows["detections"] >= 1) & (rows["detections"] % 1 == 0)),
    }
    conditions = [(given != "").to_numpy(), *(check.fillna(False).astype(bool).to_numpy() for check in checks.values())]
    return Series(select(conditions, [given.to_numpy(object), *checks], default=""), index=rows.index, dtype="str")


def named(entry: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The values of an entry under the names of SENT, which stand in the same order as the entry's own."""
    return {ours: entry.get(theirs) for ours, theirs in zip(names[::2], names[1::2], strict=True)}
