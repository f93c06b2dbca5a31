"""Tables of radar: what a provider's files tell of hulls that satellites saw, the passes, and what AIS explains of them."""

from __future__ import annotations

from pipeline.contracts.table import Table, columns

_ECHO = """
        longitude       real   position, or centre of the cell of 0.01°, degrees
        latitude        real   position, or centre of the cell of 0.01°, degrees
        detections      int    how many hulls the provider counts in the cell; 1 for a position. Of two or more there are no positions of each, so they are counted nowhere
        matched         bool   whether the provider matched it with AIS that it received
        mmsi            int?   MMSI of the ship it was matched with
        imo             int?   IMO number of that ship as the provider gives it, check digit valid
        name            text?  name of that ship
        flag            text?  flag of that ship, ISO 3166 alpha-2
        ship_kind       text?  kind of that ship as the provider classes it
        length_m        real?  length as measured in the image, metres; only the portal's files tell it
        presence_score  real?  the provider's score that it is a vessel, 0 to 1; likewise
        matching_score  real?  the provider's score of the match; likewise
        fishing_score   real?  the provider's score that it fishes, 0 to 1; likewise
"""

PROVIDER_DETECTION = Table(
    "provider_detection",
    "radar detection as a file of a provider tells it",
    columns(
        """
        provider        text   source of the detection, like gfw
        dataset         text?  the provider's data set and its version, as the answer or the file's name tells it
        scene           text?  the satellite's image, as the portal's files name it
        hour            time   UTC hour in which the pass lies
        at              time?  moment of the pass; null where only the hour is told
        precise         bool   whether the place is a position; else it is the centre of a cell of 0.01°
        ship            text?  the provider's id of the ship it was matched with
"""
        + _ECHO
        + """
        source_file_id  text   the file it came in (source_file)
    """
    ),
)

PROVIDER_IMAGE = Table(
    "provider_image",
    "image (a slice of a pass) of a radar satellite as a file of a catalogue lists it",
    columns("""
        provider        text   source of the listing, like copernicus
        name            text   the product's name
        satellite       text   the satellite, like S1A
        orbit           int    number of its orbit since launch
        from_at         time   first moment of the image
        to_at           time   last moment of the image
        ground          text   outline on the ground, WKT, degrees
        published_at    time?  when the catalogue got it; one that was made anew is listed twice
        source_file_id  text   the file it came in (source_file)
    """),
)

PROVIDER_ANSWER = Table(
    "provider_answer",
    "question about radar detections that was answered whole: what the answer does not hold was not told",
    columns("""
        provider        text   source of the detections, like gfw
        asked_of        text   matched, unmatched or both: which detections were asked for
        from_at         time   first moment asked for
        to_at           time   end of the time asked for, exclusive
        ground          text   ground asked for, WKT, degrees
        detections      int    detections that came for this time
        source_file_id  text   the file it came in (source_file)
    """),
)

RADAR_PASS = Table(
    "radar_pass",
    "pass of a radar satellite near North Korea's ports that detections tell of, or a catalogue; without a catalogue, one that saw nothing within hundreds of kilometres is not known",
    columns("""
        radar_pass_id  text   deterministic: provider, begin and first detection; of one without detections satellite and orbit
        provider       text   source of the detections; of a pass without any, of the catalogue
        from_at        time   first moment told; the begin of the hour where only that is known
        to_at          time   last moment told; the end of the hour likewise
        moment_known   bool   whether the moment is told, by a matched ship, the file or the catalogue; else only the hour
        known_from     text   detections (the rows themselves), both (and a catalogue) or catalogue_only (no detection tells that anybody searched the images: it counts nowhere)
        ground         text   ground that was certainly seen, WKT, degrees: hull of its detections, and, where one lies in it, the part of its images for which detections were asked; empty of catalogue_only
        detections     int    detections in it (rows), wherever they lie
        datasets       text?  the provider's data sets with their versions, and the names of images
        licence        text?  terms that bind whoever passes it on
        known_at       time   end of the UTC day of the pass
    """),
    key=("radar_pass_id",),
)

RADAR_DETECTION = Table(
    "radar_detection",
    "radar echo near North Korea's waters or in a zone, with what AIS explains of it; never a ship that 'went dark', and no count of ships",
    columns(
        """
        radar_detection_id  text   deterministic: pass, place, and the ship it was matched with
        radar_pass_id       text   the pass (radar_pass)
        at                  time   moment of the pass; the middle of the hour where only that is known
        zone_id             text?  innermost zone of the place
        precision_m         real   how far the hull may lie from the place, metres: 700 for a cell of 0.01°
"""
        + _ECHO
        + """
        outcome             text   explained (AIS of ours or of the provider was there), unexplained (an echo that no AIS of ours or the provider's explains) or cannot_tell
        reason              text   why, in a sentence
        repeated            bool   whether its cell has an echo on pass after pass, and AIS explains none of them: no ship, and counted as none
        our_mmsi            int?   ship of ours that explains it
        our_distance_m      real?  distance between the place and hers at that moment, metres
        weak                bool   whether a rival (another ship, another echo) lies in the cells around, or only the hour of the pass is known
        ships_heard         int    ships that we heard within 50 km of it in the hour around the pass: how well one could hear there
        licence             text?  terms that bind whoever passes it on
        known_at            time   end of the UTC day of the pass
        source_file_id      text   the file it came in (source_file)
    """
    ),
    key=("radar_detection_id",),
)

RADAR_LOOK = Table(
    "radar_look",
    "pass of a radar satellite and zone that it saw (by an echo in it alone only where images tell nothing of the ground); zones in the river, and those that lie mostly within 1 km of the shore, radar does not see",
    columns("""
        radar_pass_id  text   the pass (radar_pass)
        zone_id        text   the zone, with what is nested in it
        at             time   moment of the pass; the middle of the hour where only that is known
        echoes         int    detections in it (rows) that are no repeated echo; 0: the pass saw it, and no echo in it
        explained      int    of these, explained by AIS
        unexplained    int    of these, echoes that no AIS of ours or the provider's explains
        cannot_tell    int    of these, neither
        repeated       int    echoes in cells that have one on pass after pass
        ships_heard    int    most ships heard within 50 km of one of the echoes; 0 where there is none
        ships_inside   int    ships that we heard in it in the hour around the pass
        known_at       time   end of the UTC day of the pass
    """),
    key=("radar_pass_id", "zone_id"),
)
