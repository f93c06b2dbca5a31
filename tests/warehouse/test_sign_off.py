"""Signing off, on both engines: which ships must not be named, and by what they are known."""

from datetime import UTC, datetime

import pytest

from pipeline import contracts as c
from pipeline.errors import InputError
from pipeline.warehouse.scope import Among
from pipeline.warehouse.sign_off import add_sign_off, is_signed_off, not_signed_off
from pipeline.warehouse.store import Warehouse
from tests.warehouse.filled import fill
from tests.warehouse.rows import rows

NOW = datetime(2024, 7, 3, tzinfo=UTC)


@pytest.fixture
def own(warehouse: Warehouse) -> Warehouse:
    fill(warehouse)
    return warehouse


def known_by(warehouse):
    return {row["vessel_id"]: row for row in not_signed_off(warehouse)}


def test_ships_under_alerts_are_withheld_with_all_their_names_until_each_is_signed_off(own: Warehouse):
    names = {(row["vessel_id"], row["name"]) for row in not_signed_off(own)}
    assert {("imo-8000003", "STAR"), ("imo-8000015", "MOON"), ("imo-8000015", "OLD MOON")} <= names
    assert "mmsi-4" not in known_by(own)  # a ferry without an alert

    add_sign_off(own, "listed-2", "kim", NOW)

    assert set(known_by(own)) == {"imo-8000003", "mmsi-3"}
    assert is_signed_off(own, "listed-2")

    add_sign_off(own, "listed-2", "kim", NOW.replace(hour=1), granted=False)

    assert "imo-8000015" in known_by(own)
    assert not is_signed_off(own, "listed-2")


def test_she_is_withheld_by_what_lists_and_providers_call_her_too(own: Warehouse):
    entry = {"watchlist_id": "un-1718", "entry_id": "1", "name": "MOON 1", "from_edition": "2020-01-01"}
    file = own.rows("select min(source_file_id) as id from source_file")[0]["id"]
    told = {"provider": "gfw", "ship": "a", "from_at": "2024-06-01", "source_file_id": file}
    with own.transaction():
        for table, given in (
            (c.WATCHLIST_HISTORY, [
                {**entry, "imo": 8000015, "other_names": "LUNA|LA LUNE"},
                {**entry, "entry_id": "7", "mmsi": 2, "name": "BY HER MMSI"},
                {**entry, "entry_id": "8", "imo": 8000027, "name": "ANOTHER"},
            ]),
            (c.VESSEL_PARTICULARS, [
                {**told, "imo": 8000015, "name": "MOON OF GFW", "call_sign": "HMXX"},
                {**told, "ship": "b", "imo": 8000027, "name": "ANOTHER", "mmsi": 2},
            ]),
        ):  # fmt: skip
            made = rows(table, *given)
            own.sync(table, made, Among(table.key[0], made[table.key[0]]))

    told_of = [row for row in not_signed_off(own) if row["vessel_id"] == "imo-8000015"]
    names = {row["name"] for row in told_of}

    assert {"MOON 1", "LUNA|LA LUNE", "BY HER MMSI", "MOON OF GFW"} <= names
    assert "HMXX" in {row["call_sign"] for row in told_of}
    assert "ANOTHER" not in names  # of another IMO number


def test_what_is_withdrawn_is_not_signed_off(own: Warehouse):
    with pytest.raises(InputError, match="direct-1 is withdrawn"):
        add_sign_off(own, "direct-1", "kim", NOW)
