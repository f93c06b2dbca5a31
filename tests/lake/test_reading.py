"""Reading a day in parts: each MMSI whole, nothing twice, nothing lost."""

import itertools

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contracts import VESSEL_REPORT
from pipeline.errors import InputError
from pipeline.lake.reading import mmsi_ranges, read_fixes, read_rejects, read_vessel_reports


def part(path, mmsis, group, statistics=True):
    """A part of the lake with one position of each MMSI named, in row groups of a few rows."""
    mmsi = np.sort(np.array(mmsis, dtype=np.int64))
    rows = len(mmsi)
    table = pa.table(
        {
            "mmsi": mmsi, "timestamp": pa.array(np.arange(rows) * 1_000_000, pa.timestamp("us")),
            "longitude": np.full(rows, 125.0), "latitude": np.full(rows, 38.5), "sog_kn": np.full(rows, 5.0),
            "cog_deg": np.full(rows, 90.0), "heading_deg": np.full(rows, 90.0), "nav_status": np.zeros(rows, np.int64),
            "transceiver_class": ["A"] * rows, "receiver": ["terrestrial"] * rows,
        }
    )  # fmt: skip
    pq.write_table(table, path, row_group_size=group, write_statistics=statistics)
    return path


@given(
    st.lists(st.lists(st.integers(200_000_000, 200_000_009), min_size=1, max_size=40), min_size=1, max_size=3),
    st.integers(1, 7),
    st.integers(1, 30),
)
def test_ranges_of_mmsis_give_all_fixes_once_and_in_order(tmp_path_factory, files, group, most):
    folder = tmp_path_factory.mktemp("parts")
    parts = [(part(folder / f"{n}.parquet", mmsis, group), str(n)) for n, mmsis in enumerate(files)]

    ranges = mmsi_ranges([path for path, _ in parts], most)
    pieces = [read_fixes(parts, one) for one in ranges]

    assert ranges[0][0] == 0
    assert ranges[-1][1] == 999_999_999
    assert all(first == last + 1 for (_, last), (first, _) in itertools.pairwise(ranges))
    whole = read_fixes(parts)
    for name in whole:
        assert np.array_equal(np.concatenate([piece[name] for piece in pieces]), whole[name])


@pytest.mark.parametrize(("most", "ranges"), [(10_000, 1), (2_000, 5)])
def test_a_day_is_read_in_as_few_ranges_as_it_needs(tmp_path, most, ranges):
    """A ship that was heard once takes as much room as one of a hundred positions."""
    path = part(tmp_path / "a.parquet", range(200_000_000, 200_000_100), 10)

    assert len(mmsi_ranges([path], most)) == ranges


def test_a_day_of_many_small_files_is_read_in_even_ranges(tmp_path):
    """Each file's few rows run from the first MMSI to the last, so what a file says of itself does not help."""
    paths = [part(tmp_path / f"{hour}.parquet", range(200_000_000, 200_000_100), 100) for hour in range(24)]

    ranges = mmsi_ranges(paths, 2_000)

    held = [len(read_fixes([(path, "") for path in paths], one)["mmsi"]) for one in ranges]
    assert held == [20] * 5  # the files repeat each other


def test_a_part_that_does_not_tell_which_ships_its_row_groups_hold_is_read_in_ranges_all_the_same(tmp_path):
    path = part(tmp_path / "a.parquet", range(200_000_000, 200_000_009), 2, statistics=False)
    some = read_fixes([(path, "")], (200_000_003, 200_000_006))
    assert some["mmsi"].tolist() == list(range(200_000_003, 200_000_007))


@pytest.mark.parametrize("mmsis", [None, (1, 2)])
@pytest.mark.parametrize("name", ["mmsi", "latitude"])
def test_a_part_without_a_column_is_damaged(tmp_path, name, mmsis):
    path = part(tmp_path / "part.parquet", [1, 2], 1)
    pq.write_table(pq.read_table(path).drop_columns([name]), path)

    with pytest.raises(InputError, match=rf"part\.parquet is damaged \(it has no column {name}\)"):
        read_fixes([(path, "a")], mmsis)


def test_a_part_out_of_order_is_damaged_and_gives_no_other_ships_positions(tmp_path):
    path = part(tmp_path / "part.parquet", [1, 2], 2)
    pq.write_table(pq.read_table(path).take([1, 0]), path)

    with pytest.raises(InputError, match="its rows are not in order of mmsi"):
        read_fixes([(path, "a")], (1, 1))


def test_parts_of_an_earlier_coalwatch_are_read_beside_those_of_today(tmp_path):
    """Vessel reports had a count of their sendings once, and rejects no detail."""
    at = pa.array([1_000_000, 2_000_000], pa.timestamp("us"))
    reports = {name: pa.array([None, None], pa.string()) for name in VESSEL_REPORT.names if name != "source_file_id"}
    reports |= {"mmsi": pa.array([445000001] * 2), "timestamp": at, "last_at": at, "name": pa.array(["A", "B"])}
    pq.write_table(pa.table(reports | {"reports": pa.array([3, 4])}), tmp_path / "old.parquet")
    pq.write_table(pa.table(reports), tmp_path / "new.parquet")
    rejects = {"line": pa.array([2]), "reason": pa.array(["bad_mmsi"]), "raw": pa.array(["x"])}
    pq.write_table(pa.table(rejects), tmp_path / "rejects.parquet")

    both = read_vessel_reports([(tmp_path / "old.parquet", "1"), (tmp_path / "new.parquet", "2")])
    told = read_rejects([(tmp_path / "rejects.parquet", "1")])

    assert both["name"].tolist() == ["A", "B"]
    assert told[["line", "reason", "raw"]].to_numpy().tolist() == [[2, "bad_mmsi", "x"]]
    assert told["detail"].isna().all()
