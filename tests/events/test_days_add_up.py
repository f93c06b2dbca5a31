"""The law that lets a day cost a day: a history told day by day is the history told at once."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pipeline.contracts import RUN, VESSEL_REPORT
from pipeline.events.stays import Carried
from pipeline.movement.runs import stitch
from pipeline.tasks.compress import compress_day
from pipeline.tasks.derive import tell_day
from tests.sea import LIMITS, as_fixes, known_anchorage, positions, small_sea, tell_history

SEA = small_sea()
ROADS = known_anchorage(124.0, 38.3, "SOMEWHERE")
PLACES = {
    "berth": (125.4, 38.7167), "quay": (125.38, 38.7167), "margin": (125.36, 38.7167), "lock": (125.33, 38.7167),
    "roads": (124.7, 38.7167),
    "dalian": (121.7, 38.9), "sea": (124.0, 38.3),
}  # fmt: skip
NOBODY = pd.DataFrame(columns=["mmsi", "ship", "imo"])
stops = st.tuples(
    st.sampled_from(sorted(PLACES)), st.floats(0.1, 24), st.sampled_from([0.0, 0.3, 0.6, 9.0, None]), st.integers(1, 4)
)


def told_at_once(fixes):
    days = fixes["timestamp"].dt.strftime("%Y-%m-%d")
    runs = RUN.empty()
    for day in days.unique():
        one = compress_day(as_fixes(fixes[days == day]), VESSEL_REPORT.empty(), SEA, LIMITS, day).runs
        runs = stitch(runs, one, LIMITS.run)
    end = pd.Timestamp(days.max(), tz="UTC") + pd.Timedelta(days=1)
    return tell_day(Carried.nothing(), runs, NOBODY, SEA.frame, end, LIMITS, ROADS)


@settings(max_examples=10)
@given(st.lists(stops, min_size=1, max_size=7))
def test_day_by_day_is_all_at_once(journey):
    hour, rows = 0.0, []
    for place, wait, speed, fixes in journey:
        rows += [(hour + wait * n / fixes, *PLACES[place], speed) for n in range(fixes)]
        hour += wait + 8  # time to sail anywhere at less than the limit
    fixes = positions(rows)

    by_day, at_once = tell_history(fixes, SEA, anchorages=ROADS), told_at_once(fixes)

    for name, events in at_once.events.items():
        key = f"{name}_id"
        assert_frame_equal(
            by_day[name].sort_values(key, ignore_index=True),
            events.sort_values(key, ignore_index=True),
            check_dtype=False,
        )
