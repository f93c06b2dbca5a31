"""Notices of what is new, withdrawn or held back, for mail and web hooks; and the question put to a reviewer."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.plain import one_line

NOTE = "AIS-reported movements are consistent with an explanation; they prove no cargo and no intent."
SYNTHETIC_NOTE = "SYNTHETIC: rests on generated data and says nothing of real ships."
_MOST = 20  # alerts and days in a mail; the payload holds all alerts
_GRADES = ("strong", "moderate", "weak")
_PAYLOAD_FIELDS = (
    "alert_id", "fate", "published", "grade", "score", "pattern_id", "vessel_id", "vessel_name", "imo", "mmsi",
    "began_at", "ended_at", "origin_zone_id", "destination_zone_id", "headline", "innocent_explanation",
    "missing_evidence", "synthetic", "licence", "known_at", "withdrawn_at", "withdrawn_reason",
)  # fmt: skip
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~!])")


@dataclass(frozen=True)
class News:
    """What a notice is about, in plain values.

    day            UTC day that was run
    reasons        why it is not published; empty if it is
    alerts         rows of `alert` with `fate` (new, changed, withdrawn) and `published`, strongest first
    released       days whose publication the run made possible
    held_back      days that it held back
    all_held_back  every day held back, newest first, as {day, reasons}
    stale          sources older than their promise, in sentences
    known          of `reasons`, those that are no news: they held before the run, or the day is not over
    """

    day: str
    reasons: Sequence[str]
    alerts: Sequence[Mapping[str, Any]]
    released: Sequence[str]
    held_back: Sequence[str]
    all_held_back: Sequence[Mapping[str, Any]]
    stale: Sequence[str]
    known: Sequence[str] = ()


@dataclass(frozen=True)
class Notice:
    """One notice: `subject`, `text` and `html` for mail, `payload` (JSON) for a web hook; none holds a secret."""

    subject: str
    text: str
    html: str
    payload: dict[str, Any]


def compose(news: News) -> Notice | None:
    """Compose a notice; None if there is nothing new to report.

    A source that stays silent, or a day that stays held back, is no news by itself; it is listed beside what is.
    """
    shown = [alert for alert in news.alerts if alert["published"]]
    waiting = [alert for alert in news.alerts if not alert["published"] and alert["fate"] != "withdrawn"]
    against = [reason for reason in news.reasons if reason not in news.known]
    if not (news.alerts or news.released or news.held_back or against):
        return None
    by_fate = {fate: [one for one in shown if one["fate"] == fate] for fate in ("new", "changed", "withdrawn")}
    by_fate["withdrawn"] = [one for one in news.alerts if one["fate"] == "withdrawn"]
    synthetic = any(alert["synthetic"] for alert in news.alerts)
    sections = [
        (f"{news.day} is not published", list(news.reasons)),
        ("New", _most([_line(one) for one in by_fate["new"]])),
        ("Changed evidence", _most([_line(one) for one in by_fate["changed"]])),
        ("Withdrawn", _most([_withdrawn(one) for one in by_fate["withdrawn"]])),
        (
            "Alerts held back with their day",
            [f"{counted(len(waiting), 'alert')}: see `coalwatch gate`"] * bool(waiting),
        ),
        ("Released: judged again and published now", _most(news.released)),
        ("Held back by the quality gate", _most([_held(one) for one in news.all_held_back])),
        ("Sources older than their promise", list(news.stale)),
        ("Terms that bind whoever passes this on", _licences(shown)),
        ("Please note", _notes(synthetic)),
    ]
    filled = [(title, [one_line(line) for line in lines]) for title, lines in sections if lines]
    subject = f"coalwatch {news.day}: {_summary(by_fate, len(waiting), news)}"
    return Notice(
        subject=f"[SYNTHETIC] {subject}" if synthetic else subject,
        text="\n\n".join("\n".join([title, *(f"  - {line}" for line in lines)]) for title, lines in filled) + "\n",
        html=_html(filled),
        payload=_payload(news, by_fate, len(waiting), synthetic),
    )


def failure_notice(dag_id: str, task_id: str, day: str | None, error: str) -> Notice:
    """A task that failed for good.

    error  its message; errors of coalwatch name no secret
    """
    where = f"{dag_id}, task {task_id}" + (f", day {day}" if day else "")
    lines = [one_line(error), "The warehouse is unchanged; see the log of the task for details."]
    return Notice(
        subject=f"coalwatch: {where} failed",
        text="\n".join([f"{where} failed", *(f"  - {line}" for line in lines)]) + "\n",
        html=_html([(f"{where} failed", lines)]),
        payload={
            "kind": "coalwatch.failure", "version": 1, "dag_id": dag_id, "task_id": task_id, "day": day, "error": error,
        },
    )  # fmt: skip


def ask_to_review(report: Mapping[str, Any]) -> dict[str, str]:
    """`subject` and `body` (Markdown) that put an alert to a reviewer.

    report  the alert with evidence, law, claims and reviews, as `pipeline.tasks.reports.alert_report` gives it
    """
    alert = report["alert"]
    synthetic = "[SYNTHETIC] " if alert["synthetic"] else ""
    evidence = report["evidence"]
    imo = f", IMO {alert['imo']}" if alert["imo"] else ""
    sections = [
        ("Speaks for it", [_weighed(one) for one in evidence if one["weight"] > 0]),
        ("Speaks against it, or is without weight", [_weighed(one) for one in evidence if one["weight"] <= 0]),
        ("Best innocent explanation", [_markdown(alert["innocent_explanation"])]),
        ("Evidence that is missing", [_markdown(alert["missing_evidence"])]),
        ("What the law in force said", [_law(one) for one in report["law"]]),
        ("Claims it bears on", [_in_words(one, "relation", "claim_id", "reason") for one in report["claims"]]),
        ("Decided before", [_in_words(one, "decision", "reviewer", "note") for one in report["reviews"]]),
        ("Terms that bind whoever passes this on", [_markdown(alert["licence"])] * bool(alert["licence"])),
        ("Please note", [_markdown(note) for note in _notes(alert["synthetic"])]),
    ]
    head = [
        f"**{_markdown(alert['headline'])}**",
        f"{_markdown(alert['vessel_name'] or 'unnamed')}, MMSI {alert['mmsi']}{imo}; {alert['grade']} "
        f"(score {alert['score']:.1f}); alert `{alert['alert_id']}`, evidence `{alert['evidence_hash']}`",
    ]
    parts = ["\n".join([f"### {title}", *(f"- {line}" for line in lines)]) for title, lines in sections if lines]
    return {"subject": synthetic + one_line(alert["headline"]), "body": "\n\n".join([*head, *parts])}


# --------------------------------------------------------------------------------------------------------- words


def _summary(by_fate: Mapping[str, Sequence[Mapping[str, Any]]], waiting: int, news: News) -> str:
    new = by_fate["new"]
    grades = [f"{n} {grade}" for grade in _GRADES if (n := sum(one["grade"] == grade for one in new))]
    parts = [f"{counted(len(new), 'new alert')} ({', '.join(grades)})"] if new else []
    parts += [f"{len(by_fate[fate])} {fate}" for fate in ("changed", "withdrawn") if by_fate[fate]]
    parts += [f"{counted(waiting, 'alert')} held back"] if waiting else []
    parts += [f"{counted(len(news.held_back), 'day')} held back"] if news.held_back else []
    parts += [f"{counted(len(news.released), 'day')} released"] if news.released else []
    return ", ".join(parts) or "not published"


def _line(alert: Mapping[str, Any]) -> str:
    mark = "SYNTHETIC " if alert["synthetic"] else ""
    terms = f"; terms: {alert['licence']}" if alert["licence"] else ""
    return f"{mark}{alert['grade']} ({alert['score']:+.1f}) {alert['headline']} [{alert['alert_id']}{terms}]"


def _withdrawn(alert: Mapping[str, Any]) -> str:
    return f"{_line(alert)}: {alert['withdrawn_reason']}"


def _held(one: Mapping[str, Any]) -> str:
    return f"{one['day']}: {'; '.join(one['reasons'])}"


def _licences(alerts: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted({alert["licence"] for alert in alerts if alert["licence"]})


def _notes(synthetic: bool) -> list[str]:
    return [NOTE] + [SYNTHETIC_NOTE] * bool(synthetic)


def _weighed(one: Mapping[str, Any]) -> str:
    return f"{one['weight']:+.1f} {_markdown(one['statement'])}"


def _in_words(one: Mapping[str, Any], *names: str) -> str:
    return _markdown(" ".join(one_line(one[name]) for name in names))


def _law(one: Mapping[str, Any]) -> str:
    paragraph = f", paragraph {one['paragraph']}" if one["paragraph"] else ""
    unseen = "" if one["verified"] else "; primary text not seen"
    return _markdown(f"{one['authority']} {one['answer']}: {one['reason']} ({one['measure_id']}{paragraph}{unseen})")


def _most(lines: Sequence[str]) -> list[str]:
    more = len(lines) - _MOST
    return [*lines[:_MOST], *([f"and {more} more"] if more > 0 else [])]


def counted(number: int, what: str) -> str:
    """A number with its noun: 1 day, 1,200 days."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _markdown(value: Any) -> str:
    return _MARKDOWN.sub(r"\\\1", one_line(value))


def _html(sections: Sequence[tuple[str, Sequence[str]]]) -> str:
    parts = [
        f"<h3>{html.escape(title)}</h3><ul>{''.join(f'<li>{html.escape(line)}</li>' for line in lines)}</ul>"
        for title, lines in sections
    ]
    return f"<!doctype html><meta charset=utf-8>{''.join(parts)}"


def _payload(
    news: News, by_fate: Mapping[str, Sequence[Mapping[str, Any]]], waiting: int, synthetic: bool
) -> dict[str, Any]:
    alerts = {fate: [{name: one.get(name) for name in _PAYLOAD_FIELDS} for one in of] for fate, of in by_fate.items()}
    return {
        "kind": "coalwatch.notice",
        "version": 1,
        **{name: value for name, value in asdict(news).items() if name not in ("alerts", "known")},
        "published": not news.reasons,
        "alerts": alerts,
        "alerts_held_back": waiting,
        "licences": _licences([one for of in by_fate.values() for one in of]),
        "synthetic": synthetic,
        "note": NOTE,
    }
