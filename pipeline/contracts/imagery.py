"""What a person read off a dated image."""

from __future__ import annotations

from pipeline.contracts.table import Table, columns

READING = Table(
    "reading",
    "image of a place, and person who read it",
    columns("""
        reading_id          text   deterministic: all that the reading says
        place               text   place as the reader named it
        zone_id             text?  zone that the place, or the position, lies in; null where it is in none of ours
        from_at             time   moment of the image; the begin of the UTC day where only that is known
        to_at               time   a second later; the end of the day likewise
        sensor              text   satellite or camera
        visible             text   yes, partly or no: whether the place could be seen (cloud, night, edge of the image)
        ships_under_80m     int?   ships counted, shorter than 80 m; null where not counted
        ships_80_to_130m    int?   ships counted, of 80 m to less than 130 m
        ships_over_130m     int?   ships counted, of 130 m and more
        ships_of_any_length int?   ships counted whose length was not measured
        holds_open          int?   ships with open holds
        cargo_heaps         text?  yes or no: heaps of cargo on the quay
        ice                 text?  none, some or closed
        read_by             text   who read it
        link                text   where the image is
        licence             text   terms of the image
        note                text?  what else the reader says
        known_at            time   when the reading became known: as the file says, else when it was entered
    """),
    key=("reading_id",),
)
