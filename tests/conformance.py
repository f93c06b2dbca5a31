"""Run published cases of Global Fishing Watch against our detectors: `python -m tests.conformance FILE…`.

Forms: `port-visits.json` (a list of cases with `input_positions` and `expected_visits`, results computed with
pipe-anchorages 4.6), `gaps.json` (groups of cases with `messages` and `expected_gaps`, from pipe-gaps 0.9),
`encounters.json` (a list of cases with `positions` and `expected_raw`, from pipe-encounters 4.4), `loitering.json` (a
list of cases with `input` and `expected_daily_events`, from pipe-loitering) and `identity.json` (numbers, names and
MMSIs with what public test suites expect).
Deliberate differences are listed here, each with its reason; a case that differs in any other way fails.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from geo.zones import build_zones
from pipeline.contracts import POSITION
from pipeline.imo import is_imo, read_imo
from pipeline.lake.accounting import _IS_SHIP as IS_SHIP
from pipeline.limits import Limits
from pipeline.mid import flag_of
from pipeline.names import normal_name
from pipeline.resources import SEEDS
from tests.geo.shapes import feature
from tests.meetings import encounters_of
from tests.sea import LIMITS, derive_history

# What we do otherwise, on purpose: case, field of the expectation, ours, why.
DIFFERENCES: dict[tuple[str, str], str] = {
    ("ends_in_port_open", "end_minute"): (
        "They end an unfinished visit four hours after its last position; we leave it open and say so."
    ),
    ("multi_nerfed_1_neighbour", "encounters"): (
        "They were told to look at each ship's nearest neighbour only, so their two sides differ; we keep every pair, "
        "as they do by default: 1 with 2 and 1 with 3 from 15:40 to 17:40, and 2 with 3."
    ),
    ("IMO 6459297", "imo"): "It holds the check digit of companies' numbers, not that of ships'.",
    **{
        (
            raw,
            "imo",
        ): "They put zeros before fewer than seven digits; no IMO number begins with 0 (A.1117(30)), and what "
        "lacks digits may lack them anywhere, so we read none."
        for raw in ("912681", "IMO 912681", "12343")
    },
    **{
        (
            raw,
            "imo",
        ): "They look for a number anywhere in free text; we read fields, in which two numbers, or other words "
        "than IMO, mean that it is no number of this ship's."
        for raw in (
            "Flag 12, IMO 9289518",
            "9289519 / 9126819",
            "1234567 IMO 9126819",
            "MMSI 373817000, 912681",
        )
    },
}


@dataclass(frozen=True)
class Outcome:
    """One case: what was expected, what was found, and why a difference is deliberate (or null)."""

    case: str
    field: str
    expected: object
    found: object

    @property
    def reason(self) -> str | None:
        """Why the difference is deliberate."""
        return DIFFERENCES.get((self.case, self.field))

    @property
    def passed(self) -> bool:
        """Whether we agree, or differ on purpose."""
        return self.expected == self.found or self.reason is not None


def run_file(path: Path) -> list[Outcome]:
    """Run every case of a file.

    raises  ValueError if the file has neither form
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(content, list) and all("expected_visits" in case for case in content):
        return [outcome for case in content for outcome in port_visits(case)]
    if isinstance(content, dict) and all("expected_gaps" in case for cases in content.values() for case in cases):
        return [gaps(group, case) for group, cases in content.items() for case in cases]
    if isinstance(content, list) and all("expected_raw" in case for case in content):
        return [encounters(case) for case in content]
    if isinstance(content, list) and all("expected_daily_events" in case for case in content):
        return [loitering(case) for case in content]
    if isinstance(content, dict) and "imo_normalise_rigour" in content:
        return identity(content)
    raise ValueError(
        f"{path.name}: neither cases with expected_visits, expected_raw or expected_daily_events, nor groups of cases "
        "with expected_gaps, nor numbers and names under imo_normalise_rigour"
    )


def port_visits(case: dict[str, Any]) -> list[Outcome]:
    """Visits of one case against our calls and passages (confidence 1): minutes of begin and end, confidence."""
    parameters, start = case["params"], pd.Timestamp(case["t0"])
    place = parameters["anchorage"]
    port = feature(
        "port", place["lon"], place["lat"], parameters["entry_km"] * 1000,
        margin_m=(parameters["exit_km"] - parameters["entry_km"]) * 1000,
    )  # fmt: skip
    changed = {
        "run": {"stopped_kn": parameters["stop_begin_kn"], "moving_kn": parameters["stop_end_kn"]},
        "port_call": {"gap_hours": parameters["min_gap_min"] / 60},
    }
    rows = [
        {
            "mmsi": 1_000 + int(p["seg_id"].strip("s")),
            "timestamp": start + pd.Timedelta(minutes=p["minute"]),
            "longitude": p["lon"],
            "latitude": p["lat"],
            "sog_kn": p["speed_knots"],
        }
        for p in case["input_positions"]
    ]
    told = derive_history(_positions(rows), build_zones([port]), limits=_with(changed))
    passages = told["passage"].rename(columns={"entered_by": "arrived_by", "left_by": "departed_by"})
    calls = pd.concat([told["port_call"], passages.assign(confidence=1)]).sort_values("arrived_by")
    found = {
        "start_minute": _minutes(calls["arrived_by"], start),
        "end_minute": _minutes(calls["departed_by"], start),
        "confidence": calls["confidence"].tolist(),
    }
    return [
        Outcome(case["id"], field, [v[field] for v in case["expected_visits"]], ours) for field, ours in found.items()
    ]


def gaps(group: str, case: dict[str, Any]) -> Outcome:
    """Number of gaps of one case against ours, or their moments where the case gives them.

    Cases with a date range ask for the gaps that became known in it, OPEN_GAPS for open ones, the rest for closed ones.
    """
    vessels = {ssvid: number for number, ssvid in enumerate(sorted({m["ssvid"] for m in case["messages"]}), 1)}
    rows = [
        {
            "mmsi": vessels[m["ssvid"]],
            "timestamp": pd.Timestamp(m["timestamp"], unit="s", tz="UTC"),
            "longitude": m["lon"] or 0.0,  # the cases leave positions open; ours need one
            "latitude": m["lat"] or 0.0,
            "sog_kn": None,
        }
        for m in [*case["messages"], *_open_before(case)]
    ]
    hours = float(case["threshold"])
    changed = {
        "gap": {"min_hours": hours},
        "run": {"break_hours": min(hours, 0.5)},
        "track": {"min_track_fixes": 1, "max_speed_kn": 1e9},
    }
    begin, end = (pd.Timestamp(day, tz="UTC") for day in case.get("date_range", ("1970-01-01", "2100-01-01")))
    rows = [row for row in rows if row["timestamp"] < end]
    until = (end - pd.Timedelta(days=1)).strftime("%Y-%m-%d") if "date_range" in case else None
    nowhere = build_zones([feature("port", 125.4, 38.7, 3000)])
    ours = derive_history(_positions(rows), nowhere, limits=_with(changed), until=until)["ais_gap"].sort_values(
        "began_at"
    )
    wanted = {"OPEN_GAPS": ours["ended_at"].isna(), "GAP_BETWEEN_YEARS": ours["ended_at"].notna()}
    ours = ours[wanted.get(group, ours["known_at"] > begin)]
    if "expected_dt" in case:
        found = [{"off": _iso(off), "on": _iso(on)} for off, on in zip(ours["began_at"], ours["ended_at"], strict=True)]
        return Outcome(case["id"], "gaps", case["expected_dt"], found)
    return Outcome(case["id"], "gaps", case["expected_gaps"], len(ours))


def encounters(case: dict[str, Any]) -> Outcome:
    """Raw encounters of one case, which they tell from each side, against ours, one a pair.

    Times, metres between the ships, the speed of the faster one and the middle of both sides' mean positions. Theirs
    end with the first moment apart and take whoever moves as given, so our own ways of bridging are off.
    """
    parameters = case["params"]
    changed: dict[str, dict[str, float]] = {
        "encounter": {
            "distance_m": parameters["max_encounter_km"] * 1000,
            "alongside_m": parameters["max_encounter_km"] * 1000,
            "spread_m": 1e9,
            "min_hours": parameters["min_encounter_minutes"] / 60,
            "moment_minutes": parameters["resample_increment_s"] / 60,
            "hole_hours": parameters["max_gap_s"] / 3600,
            "apart_minutes": 0,
        },
        "track": {"max_speed_kn": 1e9},
    }
    rows = [
        {
            "mmsi": int(p["id"]),
            "timestamp": pd.Timestamp(p["timestamp"]),
            "longitude": p["lon"],
            "latitude": p["lat"],
            "sog_kn": p["speed"],
        }
        for p in case["positions"]
    ]
    nowhere = build_zones([feature("port", 125.4, 38.7, 3000)])
    ours = encounters_of(_positions(rows), nowhere, limits=_with(changed))
    found = [
        (
            [one.mmsi, one.other_mmsi], _iso(one.began_at), _iso(one.last_at), round(one.median_distance_m),
            round(one.median_speed_kn, 2), round(one.longitude, 5), round(one.latitude, 5),
        )
        for one in ours.itertuples()
    ]  # fmt: skip
    return Outcome(case["id"], "encounters", _of_pairs(case["expected_raw"]), found)


def loitering(case: dict[str, Any]) -> Outcome:
    """Waits of one case: begin, end, hours, distance, mean speed, position. They publish every slow hour of a day; we
    keep waits of some hours, so our least is off. They go by the speed over each leg, which stands for ours."""
    rows = [
        {
            "mmsi": int(p["ssvid"]),
            "timestamp": pd.Timestamp(p["timestamp"], tz="UTC"),
            "longitude": p["lon"],
            "latitude": p["lat"],
            "sog_kn": p["meters_to_prev"] / 1852 / p["hours"] if p["hours"] else None,
        }
        for p in case["input"]
    ]
    changed: dict[str, dict[str, float]] = {
        "loitering": {"min_hours": 1}, "run": {"drifting_kn": case["slow_threshold_kn"]},
    }  # fmt: skip
    nowhere = build_zones([feature("port", 125.4, 38.7, 3000)])
    last = rows[-1]  # and then she sails on: theirs ends with the data
    sails_on = [
        last
        | {
            "timestamp": last["timestamp"] + pd.Timedelta(minutes=20 * n),
            "latitude": last["latitude"] + n / 15,
            "sog_kn": 12.0,
        }
        for n in (1, 2, 3)
    ]
    ours = derive_history(_positions([*rows, *sails_on]), nowhere, limits=_with(changed))["loitering"]
    found = [
        (
            one.began_at.tz_localize(None).isoformat(), one.ended_at.tz_localize(None).isoformat(), round(one.hours, 1),
            round(one.distance_nm, 1), round(one.mean_speed_kn, 2), round(one.longitude, 5), round(one.latitude, 5),
        )
        for one in ours.sort_values("began_at").itertuples()
    ]  # fmt: skip
    expected = [
        (
            one["loitering_start_timestamp"], one["loitering_end_timestamp"], round(one["loitering_hours"], 1),
            round(one["tot_distance_nm"], 1), round(one["avg_speed_knots"], 2), round(one["start_lon"], 5),
            round(one["start_lat"], 5),
        )
        for one in case["expected_daily_events"]
    ]  # fmt: skip
    return Outcome(case["id"], "loitering", expected, found)


def identity(cases: dict[str, Any]) -> list[Outcome]:
    """How IMO numbers and names are read, which MMSIs are no ship's, and of which flag one is."""

    def read(raw: str) -> str | None:
        number = read_imo(raw)
        return f"IMO{number}" if number is not None and is_imo(number) else None

    table = pd.read_csv(SEEDS / "iso3166.csv", comment="#", keep_default_na=False)
    alpha2 = dict(zip(table["alpha3"], table["alpha2"], strict=True))
    flags = [int(one["mmsi"]) for one in cases["mmsi_flag"]]
    flag = flag_of(pd.Series(flags)).tolist()
    return [
        *(Outcome(one["raw"], "imo", one["expected"], read(one["raw"])) for one in cases["imo_normalise_rigour"]),
        *(Outcome(one, "check digit", True, is_imo(int(one))) for one in cases["imo_checksum_ok"]),
        *(Outcome(one, "check digit", False, is_imo(int(one))) for one in cases["imo_checksum_bad"]),
        *(
            Outcome(one["raw"], "name", one["expected"], normal_name(one["raw"]) or None)
            for one in cases["name_normalise"]
        ),
        *(
            Outcome(
                one["mmsi"],
                "ship",
                False,
                duckdb.sql(f"select {IS_SHIP} from (select {int(one['mmsi'])} as mmsi)").fetchall()[0][0],
            )
            for one in cases["mmsi_form_not_a_hull"]
        ),
        *(
            Outcome(f"{one['mmsi']} {one['flag']}", "flag", one["ok"], alpha2[one["flag"]] == own)
            for one, own in zip(cases["mmsi_flag"], flag, strict=True)
        ),
    ]


def _of_pairs(sides: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    """Encounters told from each side as one of a pair; times as the lesser ship has them."""
    pairs: dict[tuple[int, ...], list[dict[str, Any]]] = {}
    for side in sorted(sides, key=lambda side: side["vessel_1_seg_id"]):
        pairs.setdefault(tuple(sorted(int(side[f"vessel_{n}_seg_id"]) for n in (1, 2))), []).append(side)
    return [
        (
            list(pair), told[0]["start_time"], told[0]["end_time"], round(told[0]["median_distance_km"] * 1000),
            round(max(side["median_speed_knots"] for side in told), 2),
            round(sum(side["mean_longitude"] for side in told) / len(told), 5),
            round(sum(side["mean_latitude"] for side in told) / len(told), 5),
        )
        for pair, told in sorted(pairs.items())
    ]  # fmt: skip


def _open_before(case: dict[str, Any]) -> list[dict[str, Any]]:
    """The last message before each gap that was open when the window began."""
    return [
        {"ssvid": gap["ssvid"], "timestamp": gap["start_timestamp"], "lat": gap["start_lat"], "lon": gap["start_lon"]}
        for gap in case.get("open_gaps", [])
    ]


def _positions(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows).sort_values(["mmsi", "timestamp"], kind="stable")
    nothing = dict.fromkeys(("cog_deg", "heading_deg", "nav_status", "transceiver_class", "precision_m", "precision_s"))
    return POSITION.conform(frame.assign(receiver="unknown", source_file_id="case", **nothing))


def _with(changed: dict[str, dict[str, float]]) -> Limits:
    values = LIMITS.model_dump()
    return Limits.model_validate({**values, **{group: {**values[group], **new} for group, new in changed.items()}})


def _minutes(times: pd.Series, start: pd.Timestamp) -> list[float | None]:
    return [None if pd.isna(time) else (time - start).total_seconds() / 60 for time in times]


def _iso(time: pd.Timestamp) -> str | None:
    return None if pd.isna(time) else time.isoformat()


def main(paths: list[str]) -> int:
    """Print each case and the count of passed and failed; exit status 1 if any failed."""
    if not paths:
        print(
            "usage: python -m tests.conformance FILE…  (forms: port-visits.json, gaps.json, encounters.json)",
            file=sys.stderr,
        )
        return 2
    outcomes = [outcome for path in paths for outcome in run_file(Path(path))]
    for one in outcomes:
        if one.expected == one.found:
            print(f"agrees    {one.case}: {one.field}")
        elif one.reason:
            print(f"differs   {one.case}: {one.field}: theirs {one.expected}, ours {one.found}. {one.reason}")
        else:
            print(f"FAILS     {one.case}: {one.field}: expected {one.expected}, found {one.found}")
    passed = sum(one.passed for one in outcomes)
    print(f"{passed} passed, {len(outcomes) - passed} failed")
    return 0 if passed == len(outcomes) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
