"""The rows of a question in every form, as a file and on the terminal."""

import csv
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ASKED = (
    "select alert_id, mmsi, score, synthetic, began_at, licence, min(began_at) as first, day, 'a|b' as odd,"
    " 'two\nlines, \"quoted\"' as text from alert join judged_day on day is not null"
    " where alert.grade = 'strong' group by 1, 2, 3, 4, 5, 6, 8 order by day, alert_id limit 3"
)


@pytest.fixture
def asked(invoke, told):
    """Ask with more options: what was printed."""

    def ask(*more, query=ASKED):
        done = invoke("sql", query, *more, "--home", told)
        assert done.exit_code == 0, done.stderr
        return done

    return ask


def test_csv_is_what_json_says(asked):
    rows = json.loads(asked("--format", "json").stdout)
    lines = list(csv.DictReader(io.StringIO(asked("--format", "csv").stdout, newline="")))

    assert len(rows) == len(lines) > 0
    as_text = {None: "", True: "true", False: "false"}
    for row, line in zip(rows, lines, strict=True):
        assert line == {name: as_text[v] if v is None or isinstance(v, bool) else str(v) for name, v in row.items()}


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "  =1", "\t=1", '=HYPERLINK("http://x","y")', "＝1+1", "=cmd|' /C calc'!A0"],
)
def test_a_name_that_is_a_formula_is_text_in_csv(asked, text):
    quoted = text.replace("'", "''")

    line = asked("--format", "csv", query=f"select '{quoted}' as vessel_name").stdout.split("\n", 1)[1]

    assert next(csv.reader([line])) == [f"'{text}"]


@pytest.mark.parametrize("text", ["-12.5", "+3", "PAEK MA", "M/V A-1", "", "'=1"])
def test_what_is_no_formula_stays_as_it_is(asked, text):
    quoted = text.replace("'", "''")

    rows = csv.DictReader(
        io.StringIO(asked("--format", "csv", query=f"select '{quoted}' as a, -1e-7 as b, -2 as c").stdout)
    )

    assert list(rows) == [{"a": text, "b": "-1e-07", "c": "-2"}]


def test_parquet_has_the_types_of_the_dictionary(asked, tmp_path):
    rows = json.loads(asked("--json").stdout)
    asked("--output", tmp_path / "rows.parquet")

    table = pq.read_table(tmp_path / "rows.parquet")

    moment = pa.timestamp("us", "UTC")
    kinds = [pa.string(), pa.int64(), pa.float64(), pa.bool_(), moment, pa.string(), moment, pa.date32()]
    assert table.schema.types[:8] == kinds
    assert table["mmsi"].to_pylist() == [row["mmsi"] for row in rows]
    assert [f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in table["began_at"].to_pylist()] == [row["began_at"] for row in rows]


def test_markdown_is_one_line_a_row_whatever_is_in_it(asked):
    head, rule, *lines = asked("--format", "markdown").stdout.splitlines()

    assert head.startswith("| alert_id | mmsi |")
    assert set(rule) <= set("|- ")
    assert len(lines) == len(json.loads(asked("--json").stdout))
    assert all(r"| a\|b | two<br>lines, " in line for line in lines)


@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet", "rows.md"])
def test_an_answer_without_rows_has_its_columns(asked, tmp_path, name):
    asked("--output", tmp_path / name, query="select alert_id, began_at, imo from alert where 1 = 0")

    content = (tmp_path / name).read_bytes()
    if name.endswith("parquet"):
        assert pq.read_schema(tmp_path / name).names == ["alert_id", "began_at", "imo"]
    else:
        assert all(one in content.decode() for one in ("alert_id", "began_at", "imo"))


def test_a_wrong_question_leaves_the_file_that_was_there(invoke, told, tmp_path):
    (tmp_path / "rows.csv").write_text("mine", encoding="utf-8")

    done = invoke("sql", "select nonsense from alert", "--output", tmp_path / "rows.csv", "--home", told)

    assert done.exit_code == 2
    assert (tmp_path / "rows.csv").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--output", "rows.xlsx"], "expected a name that ends in .csv, .json, .parquet"),
        (["--format", "table", "--output", "rows.csv"], "expected a name that ends in"),
        (["--format", "parquet"], "name a file: --output"),
        (["--output", "/no/such/folder/rows.csv"], "No such file or directory"),
    ],
)
def test_what_cannot_be_written_is_said_in_one_line(invoke, told, options, said):
    done = invoke("sql", ASKED, *options, "--home", told)

    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("query", ["select * from vessel_history where imo = 1", "ship_history"])
def test_explain_tells_how_and_gives_no_rows(asked, query):
    parameters = ["imo=8628597"] if query == "ship_history" else []

    shown = asked(*parameters, "--explain", query=query).stdout

    assert "USING" in shown
    assert "mmsi" not in json.loads(asked(*parameters, "--explain", "--json", query=query).stdout)[0]
