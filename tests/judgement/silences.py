"""A ship that is unheard for a while, the calls before and after it, and the dark calls that are found of her."""

from pipeline.judgement.alerts import AlertFrames, find_alerts
from pipeline.judgement.cases.events import Events
from tests.judgement.sea import (
    at,
    dark_call,
    draught,
    events,
    gap,
    hours,
    port_call,
    voyage,
    without_law,
)

BEGAN = at("2020-12-10T06:00")
LONG, BACK = 46, BEGAN + hours(46)


def silence(
    length: float | None = LONG,
    reception: str = "heard_others",
    deeper_m: float | None = 4.0,
    before: str | None = "cn-dalian",
    then: str | None = "cn-weihai",
    landed_m: float | None = None,
    ship: dict | None = None,
    off: dict | None = None,
    calls: list[dict] = (),
    also: str | None = None,
    nearer: str | None = None,
    renumbered: list[dict] = (),
    reported: bool = True,
    typed: list[dict] = (),
    unheard: list[dict] = (),
    **given,
) -> Events:
    """A ship that sails from one port, is unheard, and calls at another a day after; she reports 4 m before it.

    deeper_m  by how much more her draught is when she is heard again; None: she reports none
    landed_m  draught she leaves the next port with
    off       columns of the gap
    also      another zone that the silence left time for
    nearer    another zone that it left more time for
    reported  whether she reported a draught before it at all
    typed     further changes of her draught
    unheard   silences of hers before it
    """
    quiet = gap(BEGAN, length or LONG, reception, **{"distance_nm": 40.0} | (off or {}))
    quiet |= {} if length else {"ended_at": None, "hours": None}
    back = BEGAN + hours(length or 0)
    own, changes = [*calls], [*typed]
    sailed = port_call(before, BEGAN - hours(60), 40) if before else None
    own += [sailed] if sailed else []
    if then and length:
        own.append(port_call(then, back + hours(24), 30))
        if deeper_m is not None:
            own[-1] |= {"draught_in_m": 4.0 + deeper_m, "draught_in_at": back}
        if landed_m is not None:
            own[-1] |= {"draught_out_m": landed_m}
    if deeper_m and length and reported:
        changes.append(draught(back, 4.0, 4.0 + deeper_m, changed_after=BEGAN, changed_by=back))
    elif deeper_m is not None and sailed and reported:
        sailed |= {"draught_in_m": 4.0}
    passage = [voyage(sailed, own[-1])] if sailed and own[-1] is not sailed else []
    others = [dark_call(quiet, also, rank=2)] if also else []
    if nearer:
        others, given = [dark_call(quiet, nearer, longest_stay_hours=30.0)], given | {"rank": 2}
    return events(own, passage, [*unheard, quiet], changes, (), [dark_call(quiet, **given), *others], renumbered,
                  **ship or {})  # fmt: skip


KOREAN = {"mmsi": 445000001, "flag": "KP"}
OFF_THE_PORT = {"distance_in_nm": 60.0, "distance_out_nm": 55.0}


def unheard_before(length: float = 64, days: float = 10, reception: str = "unknown", **given) -> list[dict]:
    """A silence that ended so many days before, which left no time for a call."""
    return [gap(BEGAN - hours(24 * days + length), length, reception, **given)]


def judged(happened: Events) -> dict[str, dict]:
    """Dark-call alerts by the day on which their silence began, each with its roles and what they state."""
    return dark_calls(find_alerts(happened, without_law(), synthetic=False))


def dark_calls(told: AlertFrames) -> dict[str, dict]:
    """The same of what was found."""
    alerts = told.alerts[told.alerts["pattern_id"] == "dark-call"]
    said = told.evidence.set_index("alert_id")
    return {
        one["headline"].split(" from ")[1][:10]: one
        | {"roles": said.loc[[one["alert_id"]]].set_index("role")["statement"].to_dict()}
        for one in alerts.to_dict("records")
    }
