"""Commands that write what people use outside: reports of an alert, a ship or a claim, and two briefs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.errors import InputError
from pipeline.options import DAY, as_json_option, common, print_json, shared

if TYPE_CHECKING:
    from pipeline.settings import Settings

_PATH = click.Path(path_type=Path, dir_okay=False)
_PDF = click.option("--pdf", type=_PATH, help="Write it as PDF to this file (default: named after what it is of).")
_HTML = click.option("--html", type=_PATH, help="Write it as one HTML page that opens from the disk.")
_AS_OF = click.option("--as-of", type=DAY, help="Only what was known by the end of that UTC day.")


@click.group()
@shared
def report() -> None:
    """Reports to hand on, as PDF or as one HTML page: each with its sources, its date and what AIS cannot prove.

    The same data gives the same bytes. `pip install "coalwatch[report]"` brings what draws them.

    \b
    Example:
      coalwatch report alert 6fa339b8e92dc9b6 --pdf alert.pdf --home watch

    Next: `coalwatch pack ID` for the evidence behind it, to be derived again by anyone.
    """


@report.command("alert")
@click.argument("alert_id")
@_PDF
@_HTML
@as_json_option
@common
def report_alert(settings: Settings, alert_id: str, pdf: Path | None, html: Path | None, as_json: bool) -> None:
    """Write one alert: map, evidence for and against, what is missing, the law, timeline, reviews.

    \b
    Example:
      coalwatch report alert 6fa339b8e92dc9b6 --html alert.html --home coalwatch-demo

    Next: `coalwatch report claims` for how the claims stand.
    """
    _required()
    from pipeline.show.brief import alert_html
    from pipeline.tasks.briefs import alert_brief

    brief = alert_brief(settings, alert_id)
    _write(settings, lambda: alert_html(brief), f"alert-{brief['page']['alert']['alert_id']}", pdf, html, as_json)


@report.command("ship")
@click.argument("ship")
@click.option("--as-of", type=DAY, help="UTC day as of which lists are read and she is looked for in North Korea.")
@_PDF
@_HTML
@as_json_option
@common
def report_ship(
    settings: Settings, ship: str, as_of: datetime | None, pdf: Path | None, html: Path | None, as_json: bool
) -> None:
    """Write one ship: was she in North Korea before a day, lists, names, alerts, ties, events.

    SHIP is an IMO number, an MMSI, the id of a hull, a call sign or a name that means one ship.

    \b
    Example:
      coalwatch report ship 2990027 --as-of 2018-06-30 --pdf ship.pdf --home coalwatch-demo

    Next: `coalwatch vessel SHIP` for the same at the prompt.
    """
    _required()
    from pipeline.show.brief import ship_html
    from pipeline.tasks.briefs import ship_brief

    brief = ship_brief(settings, ship, as_of)
    _write(settings, lambda: ship_html(brief), f"ship-{brief['ship']['vessel']['vessel_id']}", pdf, html, as_json)


@report.command("claim")
@click.argument("claim")
@_AS_OF
@_PDF
@_HTML
@as_json_option
@common
def report_claim(
    settings: Settings, claim: str, as_of: datetime | None, pdf: Path | None, html: Path | None, as_json: bool
) -> None:
    """Write one claim: its verdict in each window, what moved it, observations with sources, alerts with decisions.

    CLAIM is its id or its label, such as C16.

    \b
    Example:
      coalwatch report claim C16 --as-of 2021-01-31 --pdf claim.pdf --home coalwatch-demo

    Next: `coalwatch report claims` for all claims of an article on two pages.
    """
    _required()
    from pipeline.show.brief import claim_html
    from pipeline.tasks.briefs import claim_brief

    brief = claim_brief(settings, claim, as_of)
    name = brief["page"]["claim"]["claim_id"].replace("/", "-")
    _write(settings, lambda: claim_html(brief), f"claim-{name}", pdf, html, as_json)


@report.command("claims")
@click.option("--article", help="The article, by its id (default: the latest that the data can speak of).")
@_AS_OF
@_PDF
@_HTML
@as_json_option
@common
def report_claims(
    settings: Settings, article: str | None, as_of: datetime | None, pdf: Path | None, html: Path | None, as_json: bool
) -> None:
    """Write the claims brief: a table of verdicts and a map of the alerts that bear on them, on two pages.

    \b
    Example:
      coalwatch report claims --pdf claims.pdf --home coalwatch-demo

    Next: `coalwatch report claim LABEL` for one of them in full.
    """
    _required()
    from pipeline.show.brief import claims_html
    from pipeline.tasks.briefs import claims_brief

    brief = claims_brief(settings, article, as_of)
    day = f"{as_of:%Y-%m-%d}" if as_of else None
    name = f"claims-{brief['article']['article_id']}"
    _write(settings, lambda: claims_html(brief, day), name, pdf, html, as_json)


@report.command("weekly")
@click.option("--week-to", type=DAY, help="Last UTC day of the week (default: the last day of the data).")
@_PDF
@_HTML
@as_json_option
@common
def report_weekly(
    settings: Settings, week_to: datetime | None, pdf: Path | None, html: Path | None, as_json: bool
) -> None:
    """Write the weekly brief: alerts that became known, withdrawn and decided ones, and who could be heard.

    \b
    Example:
      coalwatch report weekly --week-to 2018-06-14 --pdf week.pdf --home coalwatch-demo

    Next: `coalwatch alerts list` for what waits to be read.
    """
    _required()
    from pipeline.show.brief import weekly_html
    from pipeline.tasks.briefs import weekly_brief

    brief = weekly_brief(settings, week_to)
    _write(settings, lambda: weekly_html(brief), f"week-to-{brief['last']}", pdf, html, as_json)


def write_drawings(
    settings: Settings, alert_id: str, map_path: Path | None, timeline_path: Path | None, *, as_json: bool
) -> None:
    """Write the map and the timeline of an alert, each in the form that the ending of its file names.

    raises  InputError for another ending, an unknown alert, or a map of one without a track
    """
    wanted = [
        (path, which, forms)
        for path, which, forms in (
            (map_path, "map", (".html", ".svg", ".png")), (timeline_path, "timeline", (".svg", ".png")),
        )
        if path is not None
    ]  # fmt: skip
    for path, which, forms in wanted:
        if path.suffix.lower() not in forms:
            raise InputError(f"--{which} {path}: expected a name that ends in {', '.join(forms[:-1])} or {forms[-1]}")
        settings.refuse_own(path)
    _required()
    from geo.files import write_whole

    for path, which, _ in wanted:
        write_whole(path, _drawing(settings, alert_id, which, path.suffix.lower()))
    _told([path for path, _, _ in wanted], as_json)


def _drawing(settings: Settings, alert_id: str, which: str, form: str) -> bytes:
    from pipeline.show.brief import map_html
    from pipeline.tasks.briefs import alert_brief
    from pipeline.tasks.one_alert import alert_page, alert_pictures

    if form == ".html":
        return map_html(alert_brief(settings, alert_id)).encode("utf-8", "replace")
    pictures = alert_pictures(settings, alert_page(settings, alert_id), png=form == ".png")
    found = next((one for one in pictures if one.name.endswith(f"-{which}.svg")), None)
    if found is None:
        raise InputError(f"alert {alert_id} has no track to draw: it rests on what a provider reports")
    drawn: bytes = found.content if form == ".png" else found.content.encode()
    return drawn


def _required() -> None:
    """raises  InputError where what draws reports is not installed"""
    from pipeline.pack.report import drawn_with

    drawn_with()


def _write(
    settings: Settings, drawn: Callable[[], str], name: str, pdf: Path | None, html: Path | None, as_json: bool
) -> None:
    from geo.files import write_whole
    from pipeline.show.brief import pdf_of

    if pdf is None and html is None:
        pdf = Path(f"coalwatch-{name}.pdf")
    if pdf is not None and html is not None and pdf.resolve() == html.resolve():
        raise InputError(f"--pdf and --html both name {pdf}; give each its own file")
    for path in (pdf, html):
        settings.refuse_own(path)
    page = drawn()
    if html is not None:
        write_whole(html, page.encode("utf-8", "replace"))
    if pdf is not None:
        write_whole(pdf, pdf_of(page))
    _told([path for path in (html, pdf) if path is not None], as_json)


def _told(paths: list[Path], as_json: bool) -> None:
    said: list[dict[str, Any]] = [{"path": str(path), "bytes": path.stat().st_size} for path in paths]
    if as_json:
        print_json(said)
    else:
        for one in said:
            click.echo(f"{one['path']}: {one['bytes']:,} bytes")
