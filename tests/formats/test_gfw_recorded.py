"""Recorded answers of Global Fishing Watch: each file of the samples gives its right value, or says what it is."""

import pandas as pd
import pytest

from pipeline.errors import InputError
from pipeline.formats import gfw_events, gfw_vessels
from pipeline.formats.record import Content
from tests.lake.files import format_of

FUTURE = "2027-01-01T00:00:00"


@pytest.fixture
def answer(samples):
    """A file of the provider's answers, as content; the source that recognises it is the one that reads it."""

    def content(name, source="gfw", folder="providers/gfw"):
        path = samples / folder / name
        assert format_of(path) == source
        return Content(path, name)

    return content


def events(content):
    reading = gfw_events.read_pages(content, FUTURE)
    assert reading.rows_read == len(reading.events) + len(reading.rejects) + reading.duplicates
    return reading.events.set_index("event_id")


def ships(content):
    reading = gfw_vessels.read_pages(content)
    assert reading.rows_read == reading.accepted
    return reading.vessels.set_index("ship")


def without_nulls(values):
    return [None if pd.isna(value) else value for value in values]


def test_port_visits_are_labelled_by_their_anchorage_and_never_by_what_ships_type(answer):
    found = events(answer("live-port-visits-2026-09-26.jsonl"))

    ports = found[["port", "port_country", "left_at", "confidence"]]
    assert [without_nulls(row) for row in ports.itertuples(index=False)] == [
        ["HALIBUTPOINT", "US", None, 3],
        ["SEATTLE", "US", None, 4],
        ["ESQUIMALT", "CA", None, 4],
        ["WARD COVE", "US", "KETCHIKAN (US)", 4],
    ]
    assert set(found["dataset"]) == {"public-global-port-visits-events:v4.0"}


def test_gaps_tell_their_reception_with_numbers_as_text_and_nulls_as_names(answer):
    found = events(answer("live-events-2025-2026.jsonl"))

    gaps = found[found["kind"] == "gap"]
    told = ["distance_km", "speed_kn", "satellite_positions_per_day", "satellite_positions_before", "on_latitude"]
    assert [without_nulls(row) for row in gaps[told].round(2).itertuples(index=False)] == [
        [112.4, 4.77, 87.56, None, 26.9],
        [53.33, 2.34, 104.87, 14, 10.42],
    ]
    assert without_nulls(gaps.iloc[1][["name", "flag", "ship_kind"]]) == [None, None, None]
    assert gaps["switched_off"].tolist() == [True, True]


def test_a_visit_of_fourteen_years_is_to_the_port_where_she_stopped(answer):
    visit = events(answer("live-events-2025-2026.jsonl")).loc["b3f54b1b1e183603802b107d3a0766b0"]

    assert (visit["port"], visit["port_country"], visit["entered_at"]) == ("VADINAR", "IN", "MUNDRA (IN)")
    assert (visit["confidence"], round(visit["visit_hours"])) == (3, 126414)


def test_of_sister_ships_each_has_her_number_and_the_stray_message_none(answer):
    found = ships(answer("live-vessels-2026-09-24.jsonl", "gfw_vessels"))

    crested, gold, stray = (
        found.loc[ship]
        for ship in (
            "0d8d0aedd-d2e9-a69d-9e38-6f91408d25f3",
            "2ec07c42a-a5fd-a338-dd2f-c4296b939289",
            "c8378dcab-b8a3-7abf-85a5-dbe907156a16",
        )
    )
    assert (crested["imo"], crested["mmsi"], crested["owner"]) == (9637143, 210763000, "EUDOCIA MARITIME")
    assert (gold["imo"], gold["mmsi"], gold["owner"]) == (9637131, 210764000, "PLOTO SHIPPING")
    assert without_nulls(stray[["imo", "owner", "gross_tonnage"]]) == [None, None, None]
    assert stray["imo_note"] == "her records disagree: 9637131, 9637143"
    assert set(found["dataset"]) == {"public-global-vessel-identity:v4.0"}


def test_an_owner_until_2019_is_none_of_2026(answer):
    found = ships(answer("live-vessels-2026-09-24.jsonl", "gfw_vessels"))

    gabu = found[found["imo"] == 8300949].sort_values("from_at")
    assert gabu["name"].tolist() == ["GABU REEFER"] * 4
    assert without_nulls(gabu["owner"]) == ["FISHING CARGO SERVICES", None, None, None]
    assert set(gabu["owners"]) == {"FISHING CARGO SERVICES (PA), 2012-01-08 to 2019-02-23"}


def test_a_single_ship_over_many_lines_is_read_and_an_owner_of_another_mmsi_is_not_hers(answer):
    found = ships(answer("client-vessel-item.json", "gfw_vessels"))

    assert set(found["imo"]) == {9076260}
    assert sorted(found["mmsi"]) == [210631000, 273379740, 341346000, 354666000, 511101495]
    assert found["owner"].isna().all()
    assert found["owners"].str.endswith("under MMSI 412331038, which no record of hers has").all()


def test_a_single_event_over_many_lines_is_a_row_and_fishing_is_no_kind_that_is_read(answer):
    reading = gfw_events.read_pages(answer("client-event-item.json"), FUTURE)

    assert reading.rejects["reason"].tolist() == ["unknown_event"]


@pytest.mark.parametrize(("kind", "expected"), [
    ("encounter", ["ZHEXIANGYU25232", None, "888111223", 0.034]),
    ("gap", [None, None, None, 55.51093364869512]),
])  # fmt: skip
def test_its_other_blocks_are_read_as_what_they_are(answer, tmp_path, kind, expected):
    text = answer("client-event-item.json").path.read_text().replace('"type": "fishing"', f'"type": "{kind}"', 1)
    for others in {"gap", "loitering", "encounter", "port_visit"} - {kind}:
        text = text.replace(f'"{others}": {{', f'"not_{others}": {{')
    path = tmp_path / "event.json"
    path.write_text(text.replace('"end": ""', '"end": "2016-12-18T20:57:49.000Z"'))

    (event,) = events(Content(path, path.name)).reset_index().to_dict("records")

    told = ("other_name", "other_mmsi", "other_number", "distance_km")
    assert without_nulls(event[name] for name in told) == expected


def test_events_told_twice_and_an_open_gap_are_read(answer):
    found = events(answer("h25_gfw_ok.json", folder="reports"))

    assert found["kind"].tolist() == ["encounter", "encounter", "port_visit", "gap", "gap"]
    assert found["ended_at"].isna().tolist() == [False, False, False, False, True]
    assert without_nulls(found.loc["pv1", ["port", "port_country", "confidence"]]) == ["NAMPO", "KP", 4]


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("client-fourwings-report-item.json", "cells of a 4Wings report"),
        ("client-event-stats-item.json", "statistics of events"),
        ("client-vessel-insight-item.json", "insights into ships"),
        ("ports-prk.json", "a list of ports"),
        ("client-event-list-request-body.json", "a request and no answer"),
        ("client-fourwings-report-request-body.json", "a request and no answer"),
        ("client-fourwings-report-request-params.json", "a request and no answer"),
        ("client-vessel-insight-request-body.json", "a request and no answer"),
        ("client-vessel-list-request-params.json", "a request and no answer"),
    ],
)
def test_what_is_neither_events_nor_ships_is_named_and_not_read(answer, name, what):
    with pytest.raises(InputError, match=f"{name}: {what}.* not read here"):
        gfw_events.read_pages(answer(name), FUTURE)


def test_the_parameters_of_a_page_are_of_no_known_format(samples):
    with pytest.raises(InputError, match="no known format"):
        format_of(samples / "providers/gfw/client-event-list-request-params.json")
