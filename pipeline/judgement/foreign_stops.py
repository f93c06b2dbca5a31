"""Foreign stops: where a voyage that reached no port abroad may have landed her cargo all the same.

A long stop at bare coordinates is no call, and ends no voyage: ships wait at sea on their way. But a ship that lies
still in another country's waters and then goes home, or is not heard again, called nowhere else: there she went.
It lasted long enough to land a cargo, or it would be no stop (limits: port_call.anchorage_hours). What a draught did
there is read as at a call (`draughts`); a figure already read of the call she came from is not read twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.contracts import PORT_CALL
from pipeline.judgement.draughts import READ, read_draughts

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from pipeline.limits import DraughtLimits

KIND = "stop"  # stands for the kind of zone, as in ZONE, of a destination that is none


def find_foreign_stops(voyages: DataFrame, stops: DataFrame) -> DataFrame:
    """The stops of each voyage that reached no other country: in waters of a country that she did not leave from.

    voyages  VOYAGE
    stops    STOP
    returns  STOP with `voyage_id`, `origin_port_call_id` and `home_at`, when the voyage ended (UTC; null while open);
             of each voyage in order of time. Where nobody knows whose waters they are, a stop is no destination
    """
    abroad = voyages["destination_country"].notna() & (voyages["destination_country"] != voyages["origin_country"])
    said = ["track_id", "voyage_id", "origin_port_call_id", "origin_country", "departed_at", "arrived_at"]
    asked = stops.dropna(subset=["track_id", "country"])
    found = voyages.loc[~abroad, said].merge(asked, on="track_id", validate="many_to_many")
    on_the_way = (found["began_at"] >= found["departed_at"]) & ~(found["began_at"] >= found["arrived_at"])
    foreign = found["origin_country"].notna() & (found["country"] != found["origin_country"])
    found = found[on_the_way & foreign].rename(columns={"arrived_at": "home_at"})
    return found.sort_values(["voyage_id", "began_at", "stop_id"], ignore_index=True)


def read_foreign_stops(
    stops: DataFrame, port_calls: DataFrame, calls: DataFrame, changes: DataFrame, zones: DataFrame, least_m: float,
    limits: DraughtLimits,
) -> DataFrame:  # fmt: skip
    """What a voyage's case says of the foreign stop that stands for its destination.

    stops       as `find_foreign_stops` gives them
    port_calls  PORT_CALL of the tracks    calls  what `read_draughts` read of each, same index
    changes     DRAUGHT_CHANGE    zones  ZONE    least_m, limits  as `read_draughts` takes them
    returns     stop_id, stop_lasted (for sentences), `destination_…` and arrived_at of a case; index voyage_id. Of
                several stops the one at which her draught fell, else the longest, else the first
    """
    from pandas import concat

    origins = port_calls[["port_call_id"]].join(calls).drop_duplicates("port_call_id").set_index("port_call_id")
    left_with = origins.reindex(stops["origin_port_call_id"]).set_axis(stops.index)
    rows = [port_calls[list(_STAY)], _as_stays(stops, left_with)]
    dtypes = {column.name: column.dtype for column in PORT_CALL.columns if column.name in _STAY}
    stays = concat([frame.astype(dtypes) for frame in rows], ignore_index=True)
    read = read_draughts(stays, changes, zones, least_m, limits).tail(len(stops)).set_axis(stops.index)
    found = stops.join(read[READ])
    landed = found["draught"].isin(["fell", "fell_then_rose", "rose_then_fell"])
    order = found.assign(landed=landed).sort_values(
        ["landed", "stopped_hours", "began_at", "stop_id"], ascending=[False, False, True, True], kind="stable"
    )
    return _said(order.drop_duplicates("voyage_id").set_index("voyage_id"))


_STAY = (
    "track_id", "zone_id", "port", "country", "confidence", "arrived_after", "arrived_by", "departed_after",
    "draught_in_m", "draught_in_at",
)  # fmt: skip


def _as_stays(stops: DataFrame, left_with: DataFrame) -> DataFrame:
    """Stops as the rows that `read_draughts` reads: each is a harbour of its own."""
    typed_at = left_with["draught_typed_at"]  # what was typed until then is read of the call before
    return stops[["track_id", "country"]].assign(
        zone_id=None, port=stops["stop_id"], confidence=_confidence(stops),
        arrived_after=stops["began_at"].mask(stops["cut_at_start"]),
        arrived_by=stops["began_at"].mask(typed_at > stops["began_at"], typed_at),
        departed_after=stops["last_at"], draught_in_m=left_with["draught_out_m"], draught_in_at=None,
    )  # fmt: skip


def _confidence(stops: DataFrame) -> Series:
    """2-4, as of a call: a stop, and whether its begin and end were seen."""
    return 2 + (~stops["cut_at_start"]).astype("int64") + stops["ended_at"].notna().astype("int64")


def _said(stops: DataFrame) -> DataFrame:
    """The columns of a case; index voyage_id."""
    stopped = stops["stopped_hours"]
    lasted = "for " + stopped.map("{:.0f}".format) + " hours"
    return stops[["stop_id"]].assign(
        stop_lasted=lasted.mask(stopped.isna(), "and was not heard to leave"),
        arrived_at=stops["began_at"],
        destination_zone_id=None, destination_port=None, destination_country=stops["country"],
        destination_name=_described(stops), destination_kind=KIND, destination_is_berth=False,
        destination_loads_coal=None, destination_receives_coal=None, destination_port_call_id=None,
        destination_confidence=_confidence(stops),
        destination_state=stops["ended_at"].notna().map({True: "closed", False: "open"}),
        destination_arrived_by=stops["began_at"], destination_first_stop_at=stops["began_at"],
        destination_max_silence_hours=None, destination_stopped_hours=stopped,
        destination_stopped_at_most_hours=stopped,
        destination_visit_hours=(stops["ended_at"] - stops["began_at"]).dt.total_seconds() / 3600,
        destination_implausible_stay=None,
        destination_came=stops["cut_at_start"].map({False: "on arrival", True: "when first heard there"}),
        **{f"destination_{name}": stops[name] for name in READ},
    ).assign(stop_known_at=stops["known_at"])  # fmt: skip


def _described(stops: DataFrame) -> list[str]:
    """Where each stop was, in words."""
    return [
        f"a place at sea ({abs(latitude):.2f} {'S' if latitude < 0 else 'N'}, "
        f"{abs(longitude):.2f} {'W' if longitude < 0 else 'E'}, waters of {country})"
        for longitude, latitude, country in zip(stops["longitude"], stops["latitude"], stops["country"], strict=True)
    ]
