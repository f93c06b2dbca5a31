"""One table as CSV and as Parquet lands as the same rows, rejected for the same reasons, whatever its cells hold."""

import csv
import io
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.formats.record import POSITION_COLUMNS, REPORT_COLUMNS
from pipeline.lake.lake import Lake
from tests.lake.files import counts, land_one, reasons, write

FROM = {
    "mmsi": "id", "timestamp": "when", "longitude": "x", "latitude": "y", "sog_kn": "speed", "heading_deg": "head",
    "nav_status": "status", "imo": "imo number", "name": "ship", "draught_m": "draft",
}  # fmt: skip
NUMBERS = ["", "0", "-0.0", "125.1", "-38.6", " 38.6 ", "+1.5", "1.", "1e1", "91", "181", "102.3", "511", "255", "x",
           "NA", "nan", "inf", "-inf", "1e30", "9" * 25, "38,6", "1_000", "0x1F", "\u0663", "\u00a038.6"]  # fmt: skip
CELLS = {
    "mmsi": ["445000001", "445000001", "412000009", "2000001", "0445000001", " 445000001 ", "445000001.0", "4.45E+08",
             "", "0", "-1", "nan", "1e30", "x", "9" * 25],
    "longitude": ["125.1", "125.2", *NUMBERS],
    "latitude": ["38.6", "38.7", *NUMBERS],
    "sog_kn": NUMBERS,
    "heading_deg": NUMBERS,
    "nav_status": ["0", "5", "15", "16", "5.0", " 5", "", "NA", "nan", "1e30", "Moored",
                   "under way using engine", "-1"],
    "imo": ["9562233", " 9562233", "IMO 9562233", "imo9562233", "IMO-9562233", "9562233.0", "02312342", "0", "",
            "NA", "x"],
    "name": ["KUM SAN", " kum san ", "", "NA", "nan", '"', 'A, "B"', "@@@", "남포", "0", "1e30"],
    "draught_m": NUMBERS,
}  # fmt: skip
TIMES = {
    "iso": ["2023-11-15 07:13:20", "2023-11-15T07:13:20Z", "2023-11-15T07:13:20+09:00", "2023-11-15T07:13:20.25-03:30",
            " 2023-11-15 07:13:20", "2023-11-15", "", "NaT", "infinity", "epoch", "yesterday", "0000-00-00 00:00:00",
            "290000-01-01 00:00:00", "2023-02-30 00:00:00", "1700032400"],
    "unix_seconds": ["1700032400", "1700032400.5", " 1700032400", "1.7e9", "", "0", "-1", "nan", "inf", "1e30",
                     "1700032400000000000", "9" * 25, "x", "2023-11-15 07:13:20"],
    "unix_milliseconds": ["1700032400000", "1700032400000.5", "", "nan", "-1e30", "1700032400", "9" * 25, "x"],
    "%d/%m/%Y %H:%M:%S": ["15/11/2023 07:13:20", "15/11/2023 07:13:21", " 15/11/2023 07:13:20", "32/11/2023 07:13:20",
                          "2023-11-15 07:13:20", "", "x"],
}  # fmt: skip
UNITS = {"sog_kn": ["kn", "m/s", "km/h", "deci_kn"], "draught_m": ["m", "dm"], "longitude": ["deg"]}
NULLS = ["NA", "nan", "x", "", 0, 15, 38.6]


@st.composite
def tables(draw):
    """A mapping and the rows of a table that it reads, as text; now and then a column has no name, or two are equal
    but for case."""
    time = draw(st.sampled_from(sorted(TIMES)))
    columns = {name: {"from": column} for name, column in FROM.items()}
    columns["timestamp"]["format"] = time
    for name, units in UNITS.items():
        columns[name]["unit"] = draw(st.sampled_from(units))
    for name in draw(st.sets(st.sampled_from(sorted(set(FROM) - {"mmsi", "timestamp"})), max_size=3)):
        columns[name]["null_values"] = draw(st.lists(st.sampled_from(NULLS), min_size=1, max_size=2, unique=True))
    cells = CELLS | {"timestamp": TIMES[time]}
    odd = draw(st.sampled_from([[], [""], ["SHIP"], ["", "Ship"], ['a "b"']]))
    mapping = {
        "mapping": "twin", "title": "A table", "source": "made", "licence": "none", "columns": columns,
        "constants": {"receiver": "unknown"}, "ignored": odd,
    }  # fmt: skip
    usual = {"mmsi": "445000001", "timestamp": TIMES[time][0], "longitude": "125.1", "latitude": "38.6"}
    rows = draw(
        st.lists(
            st.tuples(
                *(st.sampled_from([usual.get(name, ""), *cells[name]]) for name in FROM), *(st.just("1") for _ in odd)
            ),
            min_size=1,
            max_size=6,
        )
    )
    return mapping, [*FROM.values(), *odd], rows


def as_csv(header, rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()


def as_parquet(header, columns):
    target = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, names=header), target)
    return target.getvalue()


def landed(folder, name, content, mapping):
    """What a file's landing came to: counts, reasons, and the rows of the lake, as they are kept."""
    lake = Lake(folder / f"home-{name}")
    rules = write(folder, "twin.yaml", yaml.safe_dump(mapping, allow_unicode=True))
    file = land_one(lake, write(folder, name, content), str(rules))
    frames = [
        pd.concat([read(day).drop(columns="source_file_id") for day in lake.landed_days()] or [pd.DataFrame()])
        for read in (lake.positions, lake.vessel_reports)
    ]
    return counts(file), reasons(lake, file), [frame.to_csv(index=False) for frame in frames]


NAMES = ("id", "x", "y", "when", "imo number")
PLAIN = ("445000001", "125.1", "38.6", "2023-11-15T07:13:20+09:00", "IMO 9562233")
PLAIN_MAPPING = {
    "mapping": "twin", "title": "t", "source": "s", "licence": "l",
    "columns": {name: {"from": FROM[name]} for name in ("mmsi", "longitude", "latitude")}
    | {"timestamp": {"from": "when", "format": "iso"}, "imo": {"from": "imo number", "null_values": [0]}},
}  # fmt: skip


@pytest.mark.parametrize(
    "odd", [[""], ["", ""], ["X"], ["Id", "ID"], ['a "b"'], ['"'], ["a,b"], [" c "], ["c1"], ["남포"]], ids=repr
)
def test_a_column_that_is_ignored_may_have_any_name(tmp_path, odd):
    header, rows = [*odd, *NAMES], [(*("1" for _ in odd), *PLAIN)]
    mapping = PLAIN_MAPPING | {"ignored": [name.strip() for name in odd]}

    text = landed(tmp_path, "twin.csv", as_csv(header, rows), mapping)
    columns = [pa.array([cell], pa.string()) for cell in rows[0]]
    parquet = landed(tmp_path, "twin.parquet", as_parquet(header, columns), mapping)

    assert text[0] == {"rows_read": 1, "positions_with_report": 1}
    assert parquet == text


def test_columns_within_columns_are_ignored_with_them(tmp_path):
    inner = pa.array([{"x": 1, "deep": [{"y": 2}]}])
    table = as_parquet(["extra", *NAMES, "more"], [inner, *(pa.array([cell]) for cell in PLAIN), inner])

    assert landed(tmp_path, "t.parquet", table, PLAIN_MAPPING | {"ignored": ["extra", "more"]})[0]["rows_read"] == 1


@given(tables())
@example(
    (
        PLAIN_MAPPING,
        list(NAMES),
        [PLAIN],
    )
)  # fmt: skip
def test_text_in_parquet_is_read_as_the_same_text_in_csv(table):
    mapping, header, rows = table
    with tempfile.TemporaryDirectory() as folder:
        text = landed(Path(folder), "twin.csv", as_csv(header, rows), mapping)
        columns = [pa.array([row[at] or None for row in rows], pa.string()) for at in range(len(header))]
        parquet = landed(Path(folder), "twin.parquet", as_parquet(header, columns), mapping)

    assert text[0]["rows_read"] == len(rows)
    assert parquet == text


MOMENTS = st.datetimes(datetime(2012, 1, 1), datetime(2025, 1, 1)).map(lambda when: when.replace(microsecond=0))
ROW = st.fixed_dictionaries(
    {
        "mmsi": st.sampled_from([445000001, 412000009, 2000001, 1]),
        "timestamp": MOMENTS,
        "longitude": st.sampled_from([125.1, -0.5, 181.0, 200.0]),
        "latitude": st.sampled_from([38.6, -0.5, 91.0, 95.0]),
        "sog_kn": st.sampled_from([None, 0.0, 8.8, 102.3, 1e30]),
        "nav_status": st.sampled_from([None, 0, 5, 15, 99]),
        "imo": st.sampled_from([None, 9562233, 0, 23]),
        "draught_m": st.sampled_from([None, 6.5, 0.0, 99.0]),
    }
)


@pytest.mark.parametrize("kind", ["timestamp", "zoned", "nanoseconds", "seconds"])
@settings(max_examples=10)
@given(rows=st.lists(ROW, min_size=1, max_size=6), narrow=st.booleans())
def test_typed_columns_are_read_as_their_values_in_text(kind, rows, narrow):
    zone = timezone(timedelta(hours=9))
    names = list(rows[0])
    times = [row["timestamp"].replace(tzinfo=UTC) for row in rows]
    text_of_time = {
        "timestamp": [f"{when:%Y-%m-%d %H:%M:%S}" for when in times],
        "zoned": [when.astimezone(zone).isoformat() for when in times],
        "nanoseconds": [f"{when:%Y-%m-%dT%H:%M:%S}" for when in times],
        "seconds": [str(int(when.timestamp())) for when in times],
    }[kind]
    naive = [when.replace(tzinfo=None) for when in times]
    typed_time = {
        "timestamp": lambda: pa.array(naive, pa.timestamp("us")),
        "zoned": lambda: pa.array(times, pa.timestamp("us", "+09:00")),
        "nanoseconds": lambda: pa.array(naive, pa.timestamp("us")).cast(pa.timestamp("ns")),
        "seconds": lambda: pa.array([int(when.timestamp()) for when in times], pa.int64()),
    }[kind]()
    types = {"mmsi": pa.int32() if narrow else pa.int64(), "nav_status": pa.int8() if narrow else pa.float64(),
             "imo": pa.int32() if narrow else pa.float64()}  # fmt: skip
    columns = {
        name: typed_time
        if name == "timestamp"
        else pa.array([row[name] for row in rows], types.get(name, pa.float64()))
        for name in names
    }
    cells = [
        [text_of_time[at] if name == "timestamp" else "" if row[name] is None else repr(row[name]) for name in names]
        for at, row in enumerate(rows)
    ]
    mapping = {
        "mapping": "twin", "title": "t", "source": "s", "licence": "l",
        "columns": {name: {"from": name} for name in names}
        | {"timestamp": {"from": "timestamp", "format": "unix_seconds" if kind == "seconds" else "iso"}},
    }  # fmt: skip

    with tempfile.TemporaryDirectory() as folder:
        text = landed(Path(folder), "twin.csv", as_csv(names, cells), mapping)
        parquet = landed(Path(folder), "twin.parquet", as_parquet(names, list(columns.values())), mapping)

    assert parquet == text


def test_the_cells_tried_are_of_every_kind_of_column():
    assert set(FROM) - {"mmsi", "timestamp"} <= {*POSITION_COLUMNS, *REPORT_COLUMNS}
    assert set(CELLS) | {"timestamp"} == set(FROM)
