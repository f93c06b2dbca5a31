"""Where a home asks for it, nothing that leaves it names a ship before an admin signed her alert off."""

import json
import shutil
import sqlite3

import pandas as pd
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.errors import InputError
from pipeline.publish.withheld import Withheld
from pipeline.settings import Settings
from pipeline.tasks.briefs import alert_brief, claims_brief, ship_brief, weekly_brief
from pipeline.tasks.export import Selection, export
from pipeline.tasks.pack import pack
from pipeline.tasks.reports import every_alert
from pipeline.tasks.sign_off import sign_off, signed_off, withheld
from tests.tasks.world import CLOCK

RULE = "names_need_sign_off: true\n"


@pytest.fixture
def home(told, tmp_path):
    """A home that asks for sign-off."""
    shutil.copytree(told, tmp_path / "home")
    (tmp_path / "home" / "review.yaml").write_text(RULE)
    return Settings(tmp_path / "home", "")


def known_by(alert):
    return [str(alert[name]) for name in ("vessel_name", "imo", "mmsi") if alert[name]]


def exported(settings, tmp_path):
    """All that leaves as text: an export of everything, and of FollowTheMoney."""
    texts = []
    for name in ("all.geojson", "all.ftm.json"):
        export(settings, (), tmp_path / name, Selection(every=True, ship=()))
        texts += [path.read_text() for path in sorted(tmp_path.glob(f"{name}*"))]
    return "\n".join(texts)


def drawn(settings, alert):
    brief, week = alert_brief(settings, alert["alert_id"]), weekly_brief(settings, None)
    ship = ship_brief(settings, str(alert["mmsi"]), None)
    claims = claims_brief(settings, None, None)
    return str(brief) + str(week) + str(ship) + str(claims)


def named(alerts, text):
    return [word for alert in alerts for word in known_by(alert) if word in text]


def test_what_leaves_names_no_ship_until_her_alert_is_signed_off(home, tmp_path):
    alerts = every_alert(home)
    first = alerts[0]
    hers = [one for one in alerts if one["vessel_id"] == first["vessel_id"]]
    others = [one for one in alerts if one["vessel_id"] != first["vessel_id"]]

    assert named(alerts, exported(home, tmp_path)) == []
    assert named(alerts, drawn(home, first)) == []
    with pytest.raises(InputError, match="a pack names its ships"):
        pack(home, tmp_path / "pack.zip", alert=first["alert_id"], now=CLOCK, progress=print)

    for one in hers:
        sign_off(home, one["alert_id"], "kim", CLOCK)

    numbers, of_others = set(known_by(first)[1:]), {word for one in others for word in known_by(one)}
    for text in (exported(home, tmp_path), drawn(home, first)):
        assert numbers <= set(named(alerts, text))
        assert not of_others & set(named(alerts, text))  # a name that another ship bears too is withheld with hers


@pytest.fixture
def commands(home, tmp_path):
    """Run a command on the home: what it printed, and what it wrote to a file of the given name."""

    def run(*args, name=None):
        output = ("--output", str(tmp_path / name)) if name else ()
        done = CliRunner().invoke(main, [*args, *output, "--home", str(home.home)])
        assert done.exit_code == 0, done.output
        return tmp_path / name if name else done.stdout

    return run


def handed_on(commands, ships, imo):
    """What commands write to be handed on, as text."""
    texts = [commands("screen", ships, "--as-of", "2018-06-05", name=name).read_text()
             for name in ("s.csv", "s.json", "s.html")]  # fmt: skip
    texts += [commands("screen", ships, "--as-of", "2018-06-05", "--format", "html"), commands("answer", "--markdown")]
    texts.append(commands("sql", "select *, imo as i from alert", name="a.csv").read_text())
    texts.append(commands("positions", "--imo", f"IMO{imo}", name="p.csv").read_text())
    file = pq.read_table(commands("positions", "--imo", f"IMO {imo}", name="p.parquet"))
    texts.append(str(file.schema.metadata) + str(file.column("mmsi").unique()))
    return texts


def printed(commands, ships, imo):
    """What commands show to whoever sits at the machine, as text."""
    return [
        commands("screen", ships, "--as-of", "2018-06-05"), commands("vessel", str(imo), "--json"),
        commands("network", str(imo), "--json"), commands("sql", "select * from alert", "--format", "csv"),
        commands("alerts", "list", "--json"), commands("answer", "--json"),
    ]  # fmt: skip


def test_a_file_that_a_command_writes_names_no_such_ship_and_what_it_prints_does(home, commands, tmp_path):
    alert = next(one for one in every_alert(home) if one["imo"])
    ships, imo = tmp_path / "ships.csv", alert["imo"]
    ships.write_text(f"Name;IMO;MMSI\nknown under this name to me alone;IMO{imo};{alert['mmsi']}\nnobody;9562233;\n")

    for text in handed_on(commands, str(ships), imo):
        assert named([alert], text) == []
        assert "known under this name to me alone" not in text
        assert "ship " in text
    for text in printed(commands, str(ships), imo):
        assert named([alert], text)

    (row, other) = json.loads((tmp_path / "s.json").read_text())["ships"]
    assert (row["row"], row["imo"], row["imo_given"][:5]) == (2, None, "ship ")
    assert (other["row"], other["imo"], other["name_given"]) == (3, 9562233, "nobody")  # nobody raised an alert on her
    counts = pd.read_csv(tmp_path / "s.csv", sep=None, engine="python")["calls"]
    assert counts.notna().all()  # she was screened all the same


def test_what_was_signed_off_or_needs_none_is_named_in_files_too(home, commands, tmp_path):
    alerts = every_alert(home)
    alert = next(one for one in alerts if one["imo"])
    ships = tmp_path / "ships.csv"
    ships.write_text(f"Name;IMO;MMSI\nmine;IMO{alert['imo']};{alert['mmsi']}\n")
    for one in alerts:
        sign_off(home, one["alert_id"], "kim", CLOCK)

    assert all(named([alert], text) for text in handed_on(commands, str(ships), alert["imo"]))


def test_signing_off_holds_for_the_evidence_that_was_seen_and_can_be_taken_back(home):
    alert = every_alert(home)[0]
    sign_off(home, alert["alert_id"], "kim", CLOCK, note="cleared")
    assert signed_off(home, alert["alert_id"]) is True
    with pytest.raises(InputError, match="other evidence"):
        sign_off(home, alert["alert_id"], "kim", CLOCK, evidence_hash="of another time")

    sign_off(home, alert["alert_id"], "kim", CLOCK.replace(hour=1), granted=False)
    assert signed_off(home, alert["alert_id"]) is False

    sign_off(home, alert["alert_id"], "kim", CLOCK.replace(hour=2))
    with sqlite3.connect(home.home / "warehouse.sqlite") as con:
        con.execute("update alert set evidence_hash = 'other'")
    con.close()
    assert signed_off(home, alert["alert_id"]) is False


def test_where_nobody_asks_for_it_ships_are_named_and_there_is_nothing_to_sign_off(home):
    (home.home / "review.yaml").write_text("two_people: [strong]\n")
    alert = every_alert(home)[0]

    assert not withheld(home)
    assert signed_off(home, alert["alert_id"]) is None
    with pytest.raises(InputError, match="need no sign-off here"):
        sign_off(home, alert["alert_id"], "kim", CLOCK)


HIDDEN = Withheld.of([("imo-8000003", ["STAR", "STAR 7", 8000003, 412000001, None]), ("mmsi-4", ["O", 4120])])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Star 7 (IMO 8000003) met MMSI 4120", "ship 1 (IMO ship 1) met MMSI ship 2"),
        ("STARBOARD, 8000003123", "STARBOARD, 8000003123"),  # other words
        ({"mmsi": 412000001, "imo": 8000003, "score": 4.5}, {"mmsi": 1, "imo": None, "score": 4.5}),
        ({"imo-8000003": [("STAR", True)]}, {"ship 1": [("ship 1", True)]}),
        ("--imo IMO8000003", "--imo IMOship 1"),  # letters may touch a number of a ship, never other digits
        ("O", "O"),  # one letter is no name that could be found again
    ],
)
def test_a_name_is_hidden_wherever_it_stands_as_a_word(value, shown):
    assert HIDDEN.hide(value) == shown


@pytest.mark.parametrize("kind", ["str", "object"])
def test_texts_of_a_frame_are_hidden_whatever_kind_of_column_they_stand_in(kind):
    rows = pd.DataFrame({"name": pd.Series(["STAR", None], dtype=kind), "score": [1.0, 2.0]})

    shown = HIDDEN.hide_frame(rows)

    assert shown["name"].fillna("none").tolist() == ["ship 1", "none"]
    assert shown["score"].tolist() == [1.0, 2.0]
