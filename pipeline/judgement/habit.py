"""Silence as a habit: ships that few receivers hear, of whom one silence more says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.judgement.cases.past import HOME

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.judgement.cases.around import Around

_HABIT_DAYS = 30  # ours: a month shows how seldom receivers hear a ship; before that she may have had another set


def with_habit(cases: DataFrame, around: Around) -> DataFrame:
    """Add a silence as long shortly before, where nobody can judge either and that one left no time for a call in North
    Korea. Silences with time for one do not count, nor those in its ports: who calls there unheard does so again. One
    that an outage hid from all is nobody's habit, and of one that leads out of these seas no way is known."""
    from pandas import Timedelta

    from geo.water import AROUND

    gaps = around.gaps
    at_home = around.zones.loc[around.zones["country"] == HOME, "zone_id"]
    usual = (gaps["reception"] != "heard_others") & gaps["feasible_zone_id"].isna() & gaps["reception_outage_id"].isna()
    usual &= ~(gaps["off_zone_id"].isin(at_home) | gaps["on_zone_id"].isin(at_home))
    for end in ("off", "on"):
        usual &= gaps[f"{end}_longitude"].between(*AROUND[::2]) & gaps[f"{end}_latitude"].between(*AROUND[1::2])
    gaps = gaps[usual]
    named = {"ais_gap_id": "usual_gap_id", "ended_at": "usual_ended_at", "hours": "usual_hours"}
    gaps = gaps[["track_id", *named]].rename(columns=named).dropna()
    asked = cases.loc[cases["reception"] != "heard_others", ["track_id", "began_at", "silence_hours"]]
    pairs = asked.rename_axis("case").reset_index().merge(gaps, on="track_id", validate="many_to_many")
    since = pairs["began_at"] - pairs["usual_ended_at"]
    lately = (since >= Timedelta(0)) & (since <= Timedelta(days=_HABIT_DAYS))
    found = pairs[lately & (pairs["usual_hours"] >= pairs["silence_hours"])]
    found = found.sort_values(["usual_hours", "usual_gap_id"], ascending=[False, True]).drop_duplicates("case")
    cases = cases.join(found.set_index("case")[list(named.values())])
    return cases.assign(as_usual=cases["usual_gap_id"].notna() & ~cases["tied_to_north_korea"])
