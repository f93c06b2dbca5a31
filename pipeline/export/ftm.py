"""FollowTheMoney entities, one JSON object a line, in the normal forms of its library: what Aleph loads.

A ship is a Vessel, an alert or event an Event tied to her by an UnknownLink (`involved` of an Event takes persons and
companies alone), an entry of a sanctions list a Sanction of the Vessel, an article an Article with a Note for each
verdict, and an alert that bears on one of its claims a Documentation of the Event. Ids are those of the warehouse after
`coalwatch-`, so that a later export changes what is there and doubles nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.export.about import About, notes
from pipeline.export.contents import Contents
from pipeline.export.layer import plain_frame
from pipeline.plain import Record

if TYPE_CHECKING:
    from pandas import DataFrame

_NO_ID = re.compile(r"[^A-Za-z0-9._-]+")


class _Entities:
    """Entities by id; what is added to one that is there already joins its values."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._found: dict[str, tuple[str, dict[str, list[str]]]] = {}

    def add(self, schema: str, id_: str, *, synthetic: bool | None = None, **properties: Any) -> str:
        """An entity, its publisher noted; what AIS cannot prove, and that it is generated, stands in the notes of
        things and the description of links; terms that bind stand in the notes.

        synthetic  whether it is; None: if anything of the export is
        """
        _, known = self._found.setdefault(id_, (schema, {}))
        told = {"publisher": self._about.generator, **properties} if schema != "Note" else properties
        remark = "description" if schema in ("UnknownLink", "Documentation", "Sanction") else "notes"
        said = notes(synthetic=self._about.synthetic if synthetic is None else synthetic)
        bound = [f"Terms of the data from {one['source']}: {one['licence']}" for one in self._about.terms]
        for name, given in [*told.items(), (remark, said + bound * (remark == "notes"))]:
            for one in given if isinstance(given, list) else [given]:
                text = _value(name, one)
                if text and text not in known.setdefault(name, []):
                    known[name].append(text)
        return id_

    def lines(self) -> Iterable[str]:
        """Each entity as a line, in order of their ids."""
        for id_, (schema, properties) in sorted(self._found.items()):
            filled = {name: values for name, values in sorted(properties.items()) if values}
            yield json.dumps({"id": id_, "schema": schema, "properties": filled}, ensure_ascii=False) + "\n"


def write_ftm(contents: Contents, path: Path) -> None:
    """The alerts, ships, events and claims of an export, with the ships, lists and articles that these name."""
    entities = _Entities(contents.about)
    ships = _by(contents, "ships", "vessel_id")
    claims = {row["claim_id"]: row for row in _rows(contents, "claims")}
    places = {row["zone_id"]: row["name"] for row in _rows(contents, "zone_points")}
    wanted = set()
    if (layer := contents.of("alerts")) is not None:
        evidence = _by(contents, "evidence", "alert_id")
        bearings = _by(contents, "bearings", "alert_id")
        for row in plain_frame(layer.rows):
            wanted.add(row["vessel_id"])
            event = _alert(entities, row, evidence.get(row["alert_id"], []), places)
            for bears in bearings.get(row["alert_id"], []):
                if bears["claim_id"] in claims:
                    _documents(entities, event, bears, claims[bears["claim_id"]])
    if (layer := contents.of("events")) is not None:
        for row in plain_frame(layer.rows):
            wanted.add(row["vessel_id"])
            _event(entities, row, places)
    if (layer := contents.of("ships")) is not None:
        wanted |= set(layer.rows["vessel_id"])
    listed, names = _by(contents, "listed", "vessel_id"), _by(contents, "names", "vessel_id")
    for vessel_id in sorted(wanted):
        for row in ships.get(vessel_id, []):
            _vessel(entities, row, [one["name"] for one in names.get(vessel_id, [])])
        for entry in listed.get(vessel_id, []):
            _sanction(entities, entry)
    if (layer := contents.of("claims")) is not None:
        for row in plain_frame(layer.rows):
            _verdict(entities, row)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(entities.lines())


def _vessel(entities: _Entities, row: Record, names: list[str]) -> None:
    entities.add(
        "Vessel",
        _id("vessel", row["vessel_id"]),
        name=row["name"] or f"MMSI {row['mmsi']}",
        previousName=[name for name in names if name != row["name"]],
        imoNumber=row["imo"] and f"IMO{row['imo']}",
        mmsi=row["mmsi"],
        callSign=row["call_sign"],
        flag=row["flag"],
        notes=[row["licence"] and f"Terms: {row['licence']}", "Name, call sign and MMSI are what she reported by AIS."],
    )


def _alert(entities: _Entities, row: Record, evidence: list[Record], places: dict[str, str]) -> str:
    ship = row["vessel_name"] or f"MMSI {row['mmsi']}"
    event = entities.add(
        "Event",
        _id("alert", row["alert_id"]),
        synthetic=row["synthetic"],
        name=f"{row['grade'].capitalize()} alert: {ship}, {row['began_at'][:10]}",
        summary=row["headline"],
        description=[f"{one['weight']:+.1f} {one['statement']}" for one in evidence],
        startDate=row["began_at"],
        endDate=row["ended_at"],
        location=[places.get(row[name]) for name in ("origin_zone_id", "destination_zone_id")],
        recordId=row["alert_id"],
        keywords=[row["pattern_id"], row["grade"], row["status"]],
        notes=[
            f"Best innocent explanation: {row['innocent_explanation']}",
            f"Missing evidence: {row['missing_evidence']}",
            row["withdrawn_reason"] and f"Withdrawn: {row['withdrawn_reason']}",
            row["last_decision"] and f"Reviewed: {row['last_decision']}",
            row["licence"] and f"Terms: {row['licence']}",
        ],
    )
    _tie(entities, row["vessel_id"], event, "ship whose AIS-reported movements the alert is about")
    return event


def _event(entities: _Entities, row: Record, places: dict[str, str]) -> None:
    event = entities.add(
        "Event",
        _id(row["event_table"], row["event_id"]),
        synthetic=row["synthetic"],
        name=f"{row['event_table'].replace('_', ' ').capitalize()} reported by {row['source'].upper()}, "
        f"{(row['from_at'] or row['to_at'] or row['known_at'])[:10]}",
        summary=f"{row['name'] or 'MMSI ' + str(row['mmsi'])}: {row['sentence']}",
        startDate=row["from_at"],
        endDate=row["to_at"],
        location=places.get(row["place"], row["place"]),
        recordId=row["event_id"],
        keywords=row["event_table"],
        notes=[row["provider_note"], row["licence"] and f"Terms: {row['licence']}"],
    )
    _tie(entities, row["vessel_id"], event, "ship that the event is about")


def _tie(entities: _Entities, vessel_id: str, event: str, role: str) -> None:
    vessel = _id("vessel", vessel_id)
    link = f"{event}-{vessel.removeprefix('coalwatch-')}"
    entities.add("UnknownLink", link, subject=vessel, object=event, role=role)


def _sanction(entities: _Entities, row: Record) -> None:
    entities.add(
        "Sanction",
        _id("listing", row["vessel_id"], row["watchlist_id"], row["entry_id"]),
        entity=_id("vessel", row["vessel_id"]),
        authority=row["authority"],
        program=row["programme"] or row["title"],
        provisions=row["measures"],
        listingDate=row["listed_on"],
        endDate=row["delisted_on"],
        recordId=row["entry_id"],
        summary=f"{row['title']} names her IMO number as {row['name']}.",
        description=[
            None if row["listed_on"] else f"Day of listing not published; in the edition of {row['listed_by']}.",
            f"Licence of the list: {row['licence']}",
        ],
    )


def _article(entities: _Entities, row: Record) -> str:
    return entities.add(
        "Article",
        _id("article", row["article_id"]),
        synthetic=row["synthetic"],
        title=row["title"],
        author=row["author"],
        publisher=row["publisher"],
        sourceUrl=row["url"],
        publishedAt=row["published_at"],
        notes="SYNTHETIC ARTICLE, made up for demonstration." if row["synthetic"] else None,
    )


def _documents(entities: _Entities, event: str, bears: Record, claim: Record) -> None:
    article = _article(entities, claim)
    entities.add(
        "Documentation",
        f"{event}-claim-{_id(claim['claim_id']).removeprefix('coalwatch-')}",
        document=article,
        entity=event,
        role=f"{bears['relation']} claim {claim['label']}",
        summary=bears["reason"],
        description=f"Claim {claim['label']}: {claim['statement']}",
    )


def _verdict(entities: _Entities, row: Record) -> None:
    article = _article(entities, row)
    if not row["verdict"]:
        return
    window = f"{row['window_from_at'][:10]} to {row['window_to_at'][:10]}"
    entities.add(
        "Note",
        _id("verdict", row["claim_id"], row["window_id"]),
        synthetic=row["synthetic"],
        entity=article,
        name=f"{row['label']} {row['window_id']}: {row['verdict']}",
        summary=f"Claim: {row['statement']}",
        description=[
            f"{row['verdict']} for {window} (UTC): {row['reason']}",
            f"What would change it: {row['would_change_it']}",
        ],
    )


def _id(*parts: object) -> str:
    return "-".join(["coalwatch", *(_NO_ID.sub("-", str(part)) for part in parts)])


def _value(name: str, value: Any) -> str:
    """A value in FollowTheMoney's normal form: times in UTC without saying so, countries in small letters."""
    if value is None:
        return ""
    text = str(value)
    if name in ("startDate", "endDate", "publishedAt"):
        return text.removesuffix("Z")
    return text.lower() if name == "flag" else text


def _rows(contents: Contents, name: str) -> list[Record]:
    found: DataFrame | None = contents.ties.get(name)
    return [] if found is None else plain_frame(found)


def _by(contents: Contents, name: str, key: str) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for row in _rows(contents, name):
        found.setdefault(row[key], []).append(row)
    return found
