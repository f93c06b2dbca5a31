"""The report of a pack, as HTML and PDF: the words of `publish.alert_words`, the pack's tables and its pictures.

Everything from outside (names, notes, statements) is text: control characters and marks of writing direction become
blanks (`plain_text`), and the template escapes the rest.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import contracts as c
from pipeline.errors import InputError
from pipeline.pack.alert_report import event_row, report_of
from pipeline.pack.tables import Subject, Tables
from pipeline.plain import Record, plain_text
from pipeline.publish import alert_words

if TYPE_CHECKING:
    from pipeline.pack.drawings import Picture

INSTALL = 'pip install "coalwatch[report]"'
_TEMPLATE = Path(__file__).with_name("report.html")
_MOST_FILES = 40
_IDS = ("vessel_id", "track_id", "other_vessel_id", "other_track_id", "licence")


def drawn_with() -> dict[str, str]:
    """The versions of what reports are drawn with.

    raises  InputError if one of them is not installed, with the line that installs it
    """
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in ("jinja2", "matplotlib", "weasyprint"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            raise InputError(f"{name} is not installed, which draws reports: {INSTALL}") from None
    from pipeline.pictures.canvas import more_letters

    more = more_letters()
    return found | {"Korean and Chinese letters": f"{more[0]} ({more[1]} bytes)" if more else "boxes"}


def reports_version() -> str:
    """Identifies the template and the code that words and draws reports: it changes with any byte of them."""
    own = Path(__file__).parent
    files = [*own.glob("*.py"), *own.glob("*.html"), *(own.parent / "pictures").glob("*.py"),
             own.parent / "publish" / "alert_words.py", own.parent / "publish" / "notices.py"]  # fmt: skip
    parts = [f"{file.relative_to(own.parent).as_posix()}\n".encode() + file.read_bytes() for file in files]
    return hashlib.sha256(b"\0".join(sorted(parts))).hexdigest()[:16]


def as_html(
    subject: Subject,
    tables: Tables,
    stated: Tables,
    pictures: Mapping[str, Sequence[Picture]],
    facts: Mapping[str, Any],
) -> str:
    """The report as one HTML page that needs no other file and runs no script.

    pictures  of each alert
    facts     `raw`, `derived_with`, `data`, `not_recomputed` and `drawn_with` of the manifest
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if isinstance(value, Markup) else plain_text(value),
    )
    alerts = sorted(tables[c.ALERT.name], key=lambda row: (-row["score"], row["alert_id"]))
    title = _title(subject, tables, alerts)
    synthetic = any(row["synthetic"] for row in facts["raw"])
    data = facts["data"]
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        title=title,
        footer=_in_css(f"{title[:90]}{' · SYNTHETIC' if synthetic else ''} · {alert_words.NOTE}"),
        words=alert_words,
        synthetic=synthetic,
        version=facts["derived_with"]["coalwatch"],
        data_to=data["to"],
        claim=next((row for row in tables[c.CLAIM.name] if row["claim_id"] == subject.claim_id), None),
        claim_windows=tables.get(c.CLAIM_WINDOW.name, []),
        alerts=[_alert(one, tables, stated, pictures[one["alert_id"]]) for one in alerts],
        measures=tables[c.MEASURE.name],
        raw=_raw(facts["raw"]),
        licences="; ".join(sorted({f"{row['source']}: {row['licence'] or 'no terms known'}" for row in facts["raw"]})),
        versions=sorted(
            {**facts["derived_with"], **{f"drawn with {k}": v for k, v in facts["drawn_with"].items()}}.items()
        ),
        recomputed=", ".join(sorted(tables)),
        stated=", ".join(sorted(stated)),
        not_recomputed=facts["not_recomputed"],
    )


def as_pdf(html: str, identity: str) -> bytes:
    """The page as PDF; equal bytes for equal pages and libraries.

    identity  hexadecimal digits that tell one report from another
    """
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    nowhere = URLFetcher(allowed_protocols=["data"], fail_on_errors=True)  # nothing of the network or the disk
    return HTML(string=html, url_fetcher=nowhere).write_pdf(pdf_identifier=identity.encode())


def _title(subject: Subject, tables: Tables, alerts: Sequence[Record]) -> str:
    if subject.kind == "alert":
        return f"Alert {subject.name}: {alert_words.named(alerts[0])}" if alerts else f"Alert {subject.name}"
    if subject.kind == "claim":
        return f"Claim {subject.claim_id}, window {subject.window_id}"
    hull = next(iter(tables[c.VESSEL.name]), None)
    return f"Ship {subject.name}: {hull['name'] or 'unnamed'}" if hull else f"Ship {subject.name}"


def _in_css(text: str) -> str:
    """A text within quotes of the page's style sheet."""
    return "".join(sign if sign.isalnum() or sign in " .,:;·()-" else " " for sign in plain_text(text))


def _alert(alert: Record, tables: Tables, stated: Tables, pictures: Sequence[Picture]) -> dict[str, Any]:
    report = report_of(tables, stated, alert)
    zones = {row["zone_id"]: row["name"] for row in tables[c.ZONE.name]}
    gaps = [row for row in tables[c.AIS_GAP.name] if row["mmsi"] == alert["mmsi"]]
    printed: set[tuple[str, str] | None] = set()
    evidence = []
    for section in alert_words.evidence_sections(report):
        said = []
        for piece in section.said:
            rows = _shown(event_row(tables, piece.rests_on))
            said.append({**piece._asdict(), "text": piece.text, "rows": rows, "again": piece.rests_on in printed})
            printed.add(piece.rests_on)
        evidence.append({"title": section.title, "said": said})
    claims = {row["claim_id"] for row in report["claims"]}
    return {
        "alert": alert,
        "named": alert_words.named(alert),
        "timed": alert_words.timed(alert),
        "bound_by": alert_words.bound_by(alert),
        "calibrated": alert_words.calibrated(report["calibration"]),
        "succeeds": report["succeeds"],
        "evidence": evidence,
        "spoken_against": any(row["weight"] <= 0 for row in report["evidence"]),
        "further": alert_words.further_sections(report),
        "reviewed": bool(report["reviews"]),
        "gaps": sorted(gaps, key=lambda row: row["began_at"]),
        "coverage": coverage_of(stated, alert, zones),
        "verdicts": [row for row in stated.get(c.CLAIM_WINDOW.name, []) if row["claim_id"] in claims],
        "pictures": [{"name": p.name, "caption": p.caption, "uri": _uri(p.content)} for p in pictures],
    }


def coverage_of(stated: Tables, alert: Record, zones: Mapping[str, str]) -> list[dict[str, Any]]:
    """How well the zones that an alert names were heard: zone, days, and the mean and worst share of hours."""
    found = []
    for zone_id in dict.fromkeys((alert["origin_zone_id"], alert["destination_zone_id"])):
        days = [row for row in stated[c.COVERAGE_DAY.name] if row["zone_id"] == zone_id]
        if days:
            worst = min(days, key=lambda row: (row["coverage_share"], row["day"]))
            mean = sum(row["coverage_share"] for row in days) / len(days)
            found.append({"zone": zones.get(zone_id, zone_id), "days": len(days), "mean": mean,
                          "worst": worst["coverage_share"], "worst_day": worst["day"]})  # fmt: skip
    return found


def _shown(row: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in row.items() if value is not None and name not in _IDS]


def _raw(files: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The files, and how much of each is in the pack; of very many the first and how many more."""
    files = sorted(files, key=lambda row: (row["name"], row["sha256"]))
    rows = [{**row, "held": "whole" if row["lines"] == "all" else f"{_count(row['lines']):,} lines"} for row in files]
    if len(rows) <= _MOST_FILES:
        return rows
    more = {
        "name": f"and {len(rows) - _MOST_FILES} more",
        "source": "see manifest.json",
        "licence": "",
        "held": "",
        "sha256": "",
    }
    return [*rows[:_MOST_FILES], more]


def _count(ranges: str) -> int:
    ends = ([int(end) for end in part.split("-")] for part in ranges.split(","))
    return sum(part[-1] - part[0] + 1 for part in ends)


def _uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
