"""Files that are recognised and are not read: what they are, why not, and what to do instead."""

from __future__ import annotations

from pipeline.formats.record import Head

# Keys that stand together in the error answers of servers (JSON:API, RFC 7807, OAuth, Global Fishing Watch).
_ERRORS = (
    ('"errors"', '"detail"'), ('"title"', '"status"'), ('"error"', '"error_description"'), ('"statusCode"', '"error"'),
)  # fmt: skip
_AISHUB_CSV = {"MMSI", "LONGITUDE", "LATITUDE", "NAVSTAT", "DEST", "A", "B", "C", "D"}


def why_not_read(head: Head) -> str | None:
    """What a file that no source reads is known to be, in a sentence or two; None if it is not known."""
    beginning = "\n".join(head.lines).lstrip()
    if beginning[:1] in "{[" and '"navigational_status"' in beginning and '_UTC"' in beginning:
        return (
            "Datalastic's answer. Not read: in its documentation the two times of one position (epoch and UTC) lie "
            "hours apart, and which of them is right was not seen. If you know, write the positions as CSV with that "
            "time and describe the columns in a mapping (docs/sources.md)"
        )
    if beginning[:1] == "[" and beginning[1:].lstrip()[:1] == "[":
        return (
            "lists without names of their values, as MarineTraffic's protocol json gives them. Not read: what stands "
            "where depends on the service. Ask for protocol jsono, which names them"
        )
    if beginning[:1] in "{[" and '"AIS"' in beginning and '"NAVSTAT"' in beginning:
        return (
            "VesselFinder's answer. Not read: none was seen. Write the positions as CSV and describe the columns in a "
            "mapping (docs/sources.md)"
        )
    if {name.upper() for name in head.columns} >= _AISHUB_CSV:
        return (
            "AISHub's answer as CSV. Not read: none was seen. Ask for output=json or xml, or describe the columns in a "
            "mapping (docs/sources.md)"
        )
    if beginning[:1] == "{" and any(all(key in beginning for key in keys) for keys in _ERRORS):
        shown = " ".join(beginning.split())[:200]
        return f"a server's error and no data: {shown}. Mend what was asked for, and fetch the file again"
    if beginning[:14].lower() == "<!doctype html" or beginning[:5].lower() == "<html":
        return "a web page, such as a server's log-in or error page. Fetch the file again, by the address of its data"
    return None
