"""Tables of ships: hulls, what they report of themselves, and the tracks they are heard on."""

from __future__ import annotations

from pipeline.contracts.table import Table, columns

VESSEL = Table(
    "vessel",
    "hull: by IMO number where its check digit holds, else by MMSI",
    columns("""
        vessel_id   text   imo-<number>, or mmsi-<mmsi> (-2 … for a second ship on it), or <provider>-<mmsi> (a ship bought in that could be several of ours)
        imo         int?   IMO number, check digit valid
        mmsi        int    MMSI last heard
        name        text?  name last reported
        call_sign   text?  call sign last reported; of a hull known by bought events alone: as her particulars have it
        flag        text?  ISO 3166 alpha-2 country of the MMSI's maritime identification digits
        ship_type   int?   AIS ship type last reported
        length_m    real?  length last reported, metres; of a hull known by bought events alone: as her particulars have it
        width_m     real?  beam last reported, metres
        from_at     time   first heard
        to_at       time   last heard
        licence     text?  terms that bind whoever passes it on, where all that is known of her was bought in
    """),
    key=("vessel_id",),
)

VESSEL_IDENTITY = Table(
    "vessel_identity",
    "distinct identity content that a track reported",
    columns("""
        vessel_identity_id  text   deterministic id
        vessel_id           text   the hull
        track_id            text   the track
        mmsi                int    MMSI as transmitted
        flag                text?  ISO 3166 alpha-2 country of the MMSI
        imo                 int?   IMO number as reported
        imo_valid           bool   whether its check digit holds, and it is no placeholder (limits: identity.imo_placeholders)
        name                text?  name
        call_sign           text?  call sign
        ship_type           int?   AIS ship type
        length_m            real?  length, metres
        width_m             real?  beam, metres
        from_at             time   first reported
        to_at               time   last reported
    """),
    key=("vessel_identity_id",),
)

TRACK = Table(
    "track",
    "ship heard on one MMSI",
    columns("""
        track_id   text  <mmsi>-<number>: 1 for the first ship heard on the MMSI
        mmsi       int   MMSI as transmitted
        vessel_id  text  the hull
        from_at    time  first fix
        to_at      time  last fix
    """),
    key=("track_id",),
)
