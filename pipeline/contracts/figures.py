"""Tables of figures that providers give: visits to a port by month, and how much of a ship's voyages they received."""

from __future__ import annotations

from pipeline.contracts.table import Table, columns

PROVIDER_PORT_MONTH = Table(
    "provider_port_month",
    "port and UTC month with how many visits a provider counts there, as its statistics told when they were fetched last: neither visits of ours (port_visit) nor events that were bought in",
    columns("""
        provider        text   source of the figures, like gfw
        port            text   port, by our name (port_visit.port)
        country         text   ISO 3166 alpha-2
        month           text   UTC month, YYYY-MM
        visits          int    visits that the provider counts in it; 0 where its series leaves the month out
        asked           text   what was asked for: the provider's ids of the port, or a box (south, west, north, east, degrees)
        dataset         text   the provider's data set as it was asked for; its answer names none
        note            text?  what does not add up in the answer; null where nothing
        licence         text?  terms that bind whoever passes it on; null where any use is free
        source_file_id  text   the file it came in (source_file)
    """),
    key=("provider", "port", "month"),
)

PROVIDER_RECEPTION = Table(
    "provider_reception",
    "ship of a provider and span of time with how much of her voyages it received, as it told when it was asked last; of ships in alerts",
    columns("""
        provider        text   source of the figures, like gfw
        ship            text   the provider's id of the ship
        mmsi            int?   MMSI under which she was asked for
        imo             int?   IMO number under which she was asked for
        from_at         time   begin of the span
        to_at           time   end of the span
        blocks          int?   hours of her voyages in the span, as the provider counts them; null where it tells none
        blocks_heard    int?   of these, hours with a position of her
        share           real?  share of these hours with a position, 0 to 1; null where the provider tells none
        gaps            int?   gaps that the provider counts in the span
        dataset         text   the provider's data set as it was asked for
        licence         text?  terms that bind whoever passes it on; null where any use is free
        source_file_id  text   the file it came in (source_file)
    """),
    key=("provider", "ship", "from_at"),
)
