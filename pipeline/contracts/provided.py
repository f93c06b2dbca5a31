"""Tables of what providers tell: their events, in their units, and the particulars of the ships in them."""

from __future__ import annotations

from pipeline.contracts.table import Table, columns

_PARTICULARS = """
        provider        text   source of the events in which she is named, like gfw
        ship            text   the provider's id of the ship: one identity as transmitted; a hull that changes her MMSI or name has several
        mmsi            int?   MMSI as transmitted under this identity
        imo             int?   IMO number, check digit valid, where her own transmissions and the registries' record of her MMSI agree on it, or all that the provider holds of her does
        imo_note        text?  why no number is taken although some are told; null where there are none, or one
        name            text?  name as transmitted, else as the registry that knew her last has it
        call_sign       text?  call sign, likewise
        flag            text?  ISO 3166 alpha-2, likewise
        ship_kind       text?  kind of ship as the provider classed her last
        length_m        real?  length as the registry that knew her last has it, metres
        gross_tonnage   real?  gross tonnage, likewise
        owner           text?  last owner of the time of this identity, registered or beneficial: the provider does not say which; null where none is told for that time
        owner_from_at   time?  first message of the time that this owner is told for
        owner_to_at     time?  last message of the time that this owner is told for
        owners          text?  all owners of the hull, each with its time, the last first, whether or not of the time of this identity
        registries      text?  registries that know her, as the provider abbreviates them
        from_at         time?  first message under this identity, as the provider has it
        to_at           time?  last message under this identity, as the provider has it
        dataset         text?  the provider's data set and its version, as the answer names it
"""

PROVIDER_VESSEL = Table(
    "provider_vessel",
    "ship of a provider as one file tells her particulars",
    columns(
        _PARTICULARS
        + """
        source_file_id  text   the file it came in (source_file)
    """
    ),
    key=("provider", "ship", "source_file_id"),
)

VESSEL_PARTICULARS = Table(
    "vessel_particulars",
    "ship of a provider with her particulars, as the file tells them that was fetched last; whether or not events of her were bought",
    columns(
        _PARTICULARS
        + """
        licence         text?  terms that bind whoever passes it on; null where any use is free
        source_file_id  text   the file it came in (source_file)
    """
    ),
    key=("provider", "ship"),
)

PROVIDER_EVENT = Table(
    "provider_event",
    "event as a provider tells it, in the units of the provider",
    columns("""
        provider             text   source of the event, like gfw
        event_id             text   the provider's id
        kind                 text   port_visit, gap, encounter or loitering
        ship                 text   the provider's id of the ship, else her MMSI
        mmsi                 int    MMSI as transmitted
        imo                  int?   IMO number as the provider gives it, check digit valid
        name                 text?  name
        flag                 text?  ISO 3166 alpha-2
        ship_kind            text?  kind of ship as the provider classes it
        began_at             time   begin
        ended_at             time?  end; null for a gap that is still open
        longitude            real?  position, degrees
        latitude             real?  position, degrees
        confidence           int?   of a port visit: 1-4
        visit_hours          real?  of a port visit: length
        port                 text?  of a port visit: the provider's label of the anchorage of the stop, else of the entry, else of the exit
        port_country         text?  of a port visit: ISO 3166 alpha-2, of the same anchorage
        anchorage_longitude  real?  of a port visit: the same anchorage, degrees
        anchorage_latitude   real?  of a port visit: the same anchorage, degrees
        entered_at           text?  of a port visit: label of the anchorage of the entry, with its country, where that is another port
        left_at              text?  of a port visit: label of the anchorage of the exit, with its country, where that is another port
        other_ship           text?  of an encounter: the provider's id of the other ship, else the number she sent
        other_mmsi           int?   of an encounter: her MMSI; null where she sent no ship's number
        other_number         text?  of an encounter: the number she sent, where it is no ship's (a buoy, a net)
        other_name           text?  of an encounter: her name
        other_flag           text?  of an encounter: ISO 3166 alpha-2
        encounter_kind       text?  of an encounter: kinds of both ships
        distance_km          real?  of a gap or loitering: distance; of an encounter: median distance between both
        speed_kn             real?  of a gap: implied speed; of loitering: mean; of an encounter: median
        hours                real?  of a gap or loitering: length
        off_longitude        real?  of a gap: last position before, degrees
        off_latitude         real?  of a gap: last position before, degrees
        on_longitude         real?  of a gap: first position after, degrees
        on_latitude          real?  of a gap: first position after, degrees
        switched_off         bool?  of a gap: whether the provider's model takes it for switched off; true on every gap since August 2025
        satellite_positions_per_day  real?  of a gap: positions a day that the provider's satellites receive of a ship where it began
        satellite_positions_before   real?  of a gap: positions of her that satellites received in the 12 hours before
        dataset              text?  the provider's data set and its version, as the answer names it
        source_file_id       text   the file it came in (source_file)
    """),
    key=("provider", "event_id", "source_file_id"),
)
