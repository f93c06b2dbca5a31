"""Documents of a file are found whatever their lines, and of torn ones what is whole."""

import duckdb
import pytest

from pipeline.formats.json_lines import document_batches, documents_of
from tests.lake.files import write


@pytest.fixture
def found(tmp_path):
    """Documents of a text as (line, text)."""
    return lambda text: list(documents_of(write(tmp_path, "a.json", text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a":1}\n\n{"a":2}\n', [(1, '{"a":1}'), (3, '{"a":2}')]),
        ('{\n "a": [\n  1\n ]\n}\n{"a":2}', [(1, '{\n"a": [\n1\n]\n}'), (6, '{"a":2}')]),
        ('[{"a":"{"},\n{"a":"]\\""}]\n{"a":2}', [(1, '[{"a":"{"},\n{"a":"]\\""}]'), (3, '{"a":2}')]),
        ('{"a": {"b": 1\n{"a":2}', [(1, '{"a": {"b": 1'), (2, '{"a":2}')]),
        ('{"a": "torn\n{"a":2}', [(1, '{"a": "torn'), (2, '{"a":2}')]),
        ('{"a": 1,\n{"a":2}', [(1, '{"a": 1,'), (2, '{"a":2}')]),
        ("[" * 60 + '\n{"a":2}', [(1, "[" * 60), (2, '{"a":2}')]),
        ("not JSON\n}\n", [(1, "not JSON"), (2, "}")]),
        (': start\n\nevent: x\ndata: {"a":1}\n\ndata:{\ndata: "a":2}\n', [(4, '{"a":1}'), (6, '{\n"a":2}')]),
        ('{"mmsi": 4.45E+08, "x": 1e+2}', [(1, '{"mmsi": "4.45E+08", "x": 1e+2}')]),
        ("", []),
    ],
)
def test_a_document_ends_where_its_brackets_close(found, text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "whole", "rest"),
    [
        ('[{"mmsi":1},{"mmsi":2},{"mm', ['{"mmsi":1}', '{"mmsi":2}'], ['[,,{"mm']),
        ('{"mmsi":1}{"mmsi":2}', ['{"mmsi":1}', '{"mmsi":2}'], []),
        ('[{"mmsi":1} {"mmsi":2}]', ['{"mmsi":1}', '{"mmsi":2}'], []),
        ('[{"mmsi":1},{"mmsi":01},{"mmsi":3}]', ['{"mmsi":1}', '{"mmsi":3}'], ['[,{"mmsi":01},]']),
        ('{"a":{"b":1},', [], ['{"a":{"b":1},']),
        ("{" * 500, [], ["{" * 500]),
    ],
)
def test_of_a_torn_document_the_whole_records_stand_by_themselves_and_the_rest_is_one_more(text, whole, rest):
    con = duckdb.connect()
    for _ in document_batches(con, [(7, text)], '"mmsi"'):
        rows = con.execute("select line, raw, doc is not null from document").fetchall()

    assert rows == [(7, piece, True) for piece in whole] + [(7, remainder, False) for remainder in rest]


def test_a_whole_record_of_a_torn_document_keeps_its_line():
    con = duckdb.connect()
    for _ in document_batches(con, [(7, '[\n{"mmsi":1},\n\n{"mmsi":\n2},\n{"mmsi":3},\n{"mm')], '"mmsi"'):
        rows = con.execute("select line from document").fetchall()

    assert [line for (line,) in rows] == [8, 10, 12, 7]


def test_batches_hold_every_document_once(monkeypatch):
    monkeypatch.setattr("pipeline.formats.json_lines._AT_ONCE", 10)
    con = duckdb.connect()
    lines = []
    for _ in document_batches(con, [(n, f'{{"a":{n}}}') for n in range(9)], '"a"'):
        lines += [line for (line,) in con.execute("select line from document").fetchall()]

    assert lines == list(range(9))
