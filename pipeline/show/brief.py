"""Briefs on paper: one self-contained page that opens from the disk, or the same as PDF; equal bytes for equal data."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.pack.report import as_pdf, coverage_of
from pipeline.plain import Record, one_line, plain_text
from pipeline.publish import alert_words
from pipeline.version import VERSION

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).with_name("briefs")
_MOST_TIES, _MOST_EVENTS = 30, 120
_FURTHER = {"Best innocent explanation", "Evidence that is missing"}  # told apart


def alert_html(brief: Record) -> str:
    """An alert (`tasks.briefs.alert_brief`)."""
    return _filled("alert.html.jinja", brief, _of_alert(brief))


def map_html(brief: Record) -> str:
    """The map and timeline of an alert alone, with her track as a table."""
    return _filled("map.html.jinja", brief, _of_alert(brief))


def ship_html(brief: Record) -> str:
    """A ship (`tasks.briefs.ship_brief`)."""
    ship, hull = brief["ship"], brief["ship"]["vessel"]
    number = f"IMO {hull['imo']}" if hull["imo"] else f"MMSI {hull['mmsi']}"
    return _filled("ship.html.jinja", brief, {
        "title": f"{one_line(hull['name']) or 'Unnamed ship'}, {number}", "hull": hull, "screened": ship["screened"],
        "ties": ship["ties"][:_MOST_TIES], "events": ship["events"][::-1][:_MOST_EVENTS],
        "synthetic": ship["synthetic"],
    })  # fmt: skip


def claim_html(brief: Record) -> str:
    """A claim (`tasks.briefs.claim_brief`)."""
    page = brief["page"]
    weighing = [one for one in page["observations"] if one["relation"] != "context"]
    return _filled("claim.html.jinja", brief, {
        "title": f"Claim {page['claim']['label']}", "observed": weighing,
        "context": len(page["observations"]) - len(weighing), "synthetic": bool(page["article"]["synthetic"]),
    })  # fmt: skip


def claims_html(brief: Record, as_of: str | None) -> str:
    """All claims of an article (`tasks.briefs.claims_brief`) on two pages."""
    article = brief["article"]
    more = {"title": f"Claims of “{article['title']}”", "as_of": as_of, "synthetic": bool(article["synthetic"])}
    return _filled("claims.html.jinja", brief, more)


def weekly_html(brief: Record) -> str:
    """What became known in a week (`tasks.briefs.weekly_brief`)."""
    return _filled("weekly.html.jinja", brief, {"title": f"Week of {brief['first']} to {brief['last']}"})


def pdf_of(html: str) -> bytes:
    """A page as PDF."""
    return as_pdf(html, hashlib.sha256(html.encode("utf-8", "replace")).hexdigest()[:32])


def _of_alert(brief: Record) -> Record:
    page = brief["page"]
    alert, tables = page["alert"], page["tables"]
    zones = {row["zone_id"]: row["name"] for row in tables["zone"]}
    return {
        "title": f"Alert: {alert_words.named(alert)}",
        "alert": alert,
        "silences": alert_words.silences(tables["ais_gap"], alert),
        "coverage": coverage_of(tables, alert, zones),
        "further": [one for one in alert_words.further_sections(page) if one.title not in _FURTHER],
        "synthetic": bool(alert["synthetic"]),
    }


def _filled(template: str, brief: Mapping[str, Any], more: Mapping[str, Any]) -> str:
    from markupsafe import Markup

    values = {**brief, **more}
    pictures = [{"caption": one.caption, "uri": _uri(one.content)} for one in brief.get("pictures", [])]
    mark = " · SYNTHETIC" if values.get("synthetic") else ""
    footer = f"{values['title'][:80]}{mark} · {alert_words.NOTE}"
    html = _environment().get_template(template).render(
        {**values, "pictures": pictures, "words": alert_words, "version": VERSION, "footer": Markup(_in_css(footer))}
    )  # fmt: skip
    return html + "\n"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def harmless(value: Any) -> Any:
        return value if isinstance(value, Markup) else plain_text(value)

    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=harmless,
    )  # fmt: skip


def _in_css(text: str) -> str:
    """A text within quotes of the page's style sheet."""
    return "".join(sign if sign.isalnum() or sign in " .,:;·()-" else " " for sign in plain_text(text))


def _uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
