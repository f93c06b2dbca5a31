"""Tables of zones, of what AIS reports of ships that call, stop or pass there, and of the voyages between calls."""

from __future__ import annotations

from pipeline.contracts.events import EVENT
from pipeline.contracts.table import Table, columns

ZONE = Table(
    "zone",
    "zone of the sea that fixes are located in",
    columns("""
        zone_id         text   short name, like kp-nampo-coal
        name            text   name for people
        kind            text   country, basin, port, terminal, anchorage, lock or margin
        parent_zone_id  text?  zone it lies in
        call_zone_id    text?  the zone whose port call a stay here counts for (of a lock: the enclosed water it is the only way into); null if none
        port            text?  port it belongs to, for port and its anchorage the same word
        country         text   ISO 3166 alpha-2
        loads_coal      bool   North Korean coal is known to be loaded here
        receives_coal   bool   a place where North Korean coal was, or could be, landed
        precision       text   surveyed, digitised or estimated
        source          text   where the shape comes from
        valid_from      date?  first day it applies
        valid_to        date?  first day it no longer applies
        longitude       real   a point inside, degrees
        latitude        real   a point inside, degrees
        geometry        text   shape, WKT, WGS 84
    """),
    key=("zone_id",),
)

PORT_CALL = Table(
    "port_call",
    "stay of one track in a port, basin or anchorage in which she stopped or fell silent, from entering it to leaving its margin (without a stop: passage)",
    columns(
        """
        port_call_id       text   deterministic: kind, MMSI, time and place of the first fix inside
    """
        + EVENT
        + """
        visit_id           text   port_call_id of the first call of the visit: calls in one harbour, each within a day of the one before (limits voyage.shift_hours), are its parts (port_visit)
        zone_id            text?  port, basin or anchorage; null for a call at a place that is no zone: a long stop near a known anchorage, or a provider's call
        berth_zone_id      text?  terminal inside it where she was stopped longest, so far while open; null if stopped at none
        port               text   port of that terminal, else of the zone: a basin of several ports has a name of its own; outside our zones as the nearest known anchorage is labelled (Global Fishing Watch), or as its provider labels it
        country            text?  ISO 3166 alpha-2; null where the anchorage's is not known, or the provider of a call gives none
        arrived_after      time?  last fix outside; null when cut at the start of the data (of a stay unheard behind a lock: when she was heard at the lock alone before)
        arrived_by         time   first fix inside, or the first after it (at the lock, or outside) if she was unheard inside
        departed_after     time?  last fix inside; null while open
        departed_by        time?  first fix outside; null while open
        state              text   open, closed, or ended_in_silence (left during a silence; the interval is all that is known)
        first_stop_at      time?  first stopped fix inside
        stop_longitude     real?  position of that fix, degrees; of a provider's call the position that it gives
        stop_latitude      real?  position of that fix, degrees; of a provider's call the position that it gives
        stopped_hours      real?  hours seen stopped; null while open, and where no stop was seen but a silence may hide one
        draught_in_m       real?  draught in force on arrival, metres
        draught_in_at      time?  first time that draught was seen
        draught_out_m      real?  last draught seen inside, metres; null while open
        draught_out_at     time?  first time that draught was seen
        confidence         int    4 = stop or gap, entry and exit seen; 3 = stop or gap and one of them; 2 = stop or gap only, or unheard behind the lock that is the only way in (1, entry or exit only, is no call but a passage)
        max_silence_hours  real?  longest silence inside; null while open
        implausible_stay   bool?  of a provider's call: whether she stayed longer than a call can plausibly last (limits: voyage.longest_stay_hours); null for ours
    """
    ),
    key=("port_call_id",),
    span=("arrived_by", "departed_by"),
    open_when="departed_by",
)

PORT_VISIT = Table(
    "port_visit",
    "visit of one ship to a harbour: calls (port_call) of one track in one harbour, each within a day of the one before (limits voyage.shift_hours); count these, not port_call. Its place is where she lay closest: at a berth, else in the port or basin, else at the anchorage. The rows follow from those of port_call and are kept in step with them",
    columns(
        """
        visit_id           text   port_call_id of the first call of the visit; port_call has the zones and times of all
    """
        + EVENT
        + """
        zone_id            text?  port, basin or anchorage of its place; null for a call at a place that is no zone, or a provider's
        berth_zone_id      text?  terminal where she was stopped longest in that call; null if at none
        port               text   port of its place, as in port_call
        country            text?  ISO 3166 alpha-2; null where that of port_call is
        parts              int    calls that it consists of
        arrived_after      time?  last fix outside, before the first call; null when cut at the start of the data
        arrived_by         time   first fix inside, of the first call
        departed_after     time?  last fix inside, of the last call; null while open
        departed_by        time?  first fix outside, of the last call; null while open
        state              text   open, closed, or ended_in_silence (left during a silence), of the last call
        stopped_hours      real?  hours seen stopped, all calls together; null where none gives it
        max_silence_hours  real?  longest silence inside
        draught_in_m       real?  draught in force on arrival at the first call, metres
        draught_out_m      real?  last draught seen inside at the last call, metres
        confidence         int    of the call with the highest
        implausible_stay   bool   of a provider's visit: whether a call in it is longer than a call can plausibly last; false for ours
    """
    ),
    key=("visit_id",),
    span=("arrived_by", "departed_by"),
    open_when="departed_by",
)

PASSAGE = Table(
    "passage",
    "way of one track through a port, basin or anchorage without a stop or a long silence in it: context of a voyage, no call",
    columns(
        """
        passage_id    text   deterministic: kind, MMSI, time and place of the first fix inside
    """
        + EVENT
        + """
        zone_id       text?  port, basin or anchorage; null for a provider's passage at a place that is no zone
        port          text   port; outside our zones as its provider labels it
        country       text?  ISO 3166 alpha-2; null where the provider of a passage gives none
        entered_after time?  last fix outside; null when cut at the start of the data
        entered_by    time   first fix inside
        left_after    time?  last fix inside; null while open
        left_by       time?  first fix outside; null while open
        state         text   open (she may stop yet), closed, or ended_in_silence (left during a silence)
    """
    ),
    key=("passage_id",),
    span=("entered_by", "left_by"),
    open_when="left_by",
)

STOP = Table(
    "stop",
    "rest of one track, for as long as makes a call at a known anchorage (limits: port_call.anchorage_hours), outside every port, basin and anchorage: no call, and no end of a voyage; of a voyage that calls nowhere abroad, alerts take one in foreign waters for where it went",
    columns(
        """
        stop_id        text   deterministic: kind, MMSI, time and place of the first fix at rest
    """
        + EVENT
        + """
        longitude      real   where she came to rest, degrees
        latitude       real   where she came to rest, degrees
        country        text?  ISO 3166 alpha-2 of the nearest known anchorage, if it is so near that the waters are most often that country's (limits: port_call.waters_m); null farther out
        began_at       time   first fix at rest
        last_at        time?  last fix at rest; null while open
        ended_at       time?  first fix after it; null while open
        stopped_hours  real?  hours stopped; null while open
    """
    ),
    key=("stop_id",),
    span=("began_at", "ended_at"),
    open_when="ended_at",
)

VOYAGE = Table(
    "voyage",
    "passage of one track from its last call at a port to the next call at another (or back at the same after more than a shift)",
    columns(
        """
        voyage_id                 text   deterministic: kind, origin call and last fix inside it
    """
        + EVENT
        + """
        origin_port_call_id       text   the call it starts from
        origin_zone_id            text?  berth of that call, else its port; null if it starts from a place that is no zone
        origin_port               text   port, as in port_call
        origin_country            text?  ISO 3166 alpha-2
        destination_port_call_id  text?  the call it ends in; null while open
        destination_zone_id       text?  port or anchorage of that call
        destination_port          text?  port of that zone; the call names the berth
        destination_country       text?  ISO 3166 alpha-2
        departed_at               time   first fix outside the origin
        arrived_at                time?  first fix inside the destination; null while open
        hours                     real?  length
        distance_nm               real?  distance sailed
        dark_hours                real?  hours in silences of gap length
        longest_silence_hours     real?  longest silence
        encounters                int?   of a provider's voyage: encounters on the way that the same provider reports; null for ours: count the rows of the view voyage_meeting
        passages                  int?   ports, basins and anchorages passed on the way without a stop (passage), those of the harbours it began from and ended in left out on the way out and in; null while open
        draught_before_m          real?  draught on arrival at the origin, metres
        draught_m                 real?  draught on the way, last reported, metres
        draught_change_m          real?  draught_m minus draught_before_m: loaded (+) or discharged (-) at the origin
        cargo_state               text   laden, ballast or unknown
    """
    ),
    key=("voyage_id",),
    span=("departed_at", "arrived_at"),
    open_when="arrived_at",
)
