"""What is said of one alert, in order: the terminal, the report of an evidence pack and whoever comes after say the
same.

Every text is on one line and free of control characters (`plain_text`); marking it up, and escaping it for that, is the
reader's own matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from pipeline.plain import plain_text
from pipeline.publish.notices import NOTE as NOTE

Row = Mapping[str, Any]
SYNTHETIC = "rests on generated data"
# What a reader must know before the evidence, whoever the ship is.
CANNOT_PROVE = (
    "A port call is not a cargo, a draught is typed in by hand, and silence has innocent reasons.",
    "AIS says where a transmitter says it is. It does not say what a ship carried, who owned the cargo or who knew. "
    f"{NOTE}",
    "That nobody was heard is no proof that nobody was there: see who could have been heard.",
    "This is no sanctions list and no legal advice.",
)


class Said(NamedTuple):
    """A paragraph: a word to be set apart stands between what comes before and after it.

    weight      of a piece of evidence, signed
    rests_on    table and id of the event that a piece of evidence rests on; empty where it rests on what she is
    """

    before: str
    strong: str
    after: str
    weight: float | None = None
    rests_on: tuple[str, str] | None = None

    @property
    def text(self) -> str:
        """All of it."""
        return self.before + self.strong + self.after


class Section(NamedTuple):
    """A title over paragraphs."""

    title: str
    said: list[Said]


def evidence_sections(report: Row) -> list[Section]:
    """What speaks for the alert and what speaks against it; sections without a paragraph are left out.

    report  as `pipeline.warehouse.alerts.alert_in_full` gives it
    """
    evidence = report["evidence"]
    found = [
        Section(title, [_piece(one) for one in evidence if (one["weight"] > 0) is ours])
        for title, ours in (("Speaks for it", True), ("Speaks against it, or is without weight", False))
    ]
    return [section for section in found if section.said]


def further_sections(report: Row) -> list[Section]:
    """The innocent explanation, what is missing, what she may have carried, the law, the claims, the reviews; sections
    without a paragraph are left out."""
    alert = report["alert"]
    found = [
        Section("Best innocent explanation", [_sentence(alert["innocent_explanation"])]),
        Section("Evidence that is missing", [_sentence(one) for one in missing(report)]),
        Section("What she may have carried, if it was coal", [_sentence(_cargo(one)) for one in report["cargo"]]),
        Section("What the law in force said", [_law(one) for one in report["law"]]),
        Section("Claims it bears on", [_claim(one) for one in report["claims"]]),
        Section("Reviews", [_review(one) for one in report["reviews"]]),
    ]
    return [section for section in found if section.said]


def missing(report: Row) -> list[str]:
    """What evidence is missing, and how much of her voyages of the time providers received, a paragraph each; packs
    hold the first alone."""
    return [report["alert"]["missing_evidence"], *(received_in_words(one) for one in report.get("reception", ()))]


def received_in_words(one: Row) -> str:
    """How much of a ship's voyages a provider received in a span (a row of PROVIDER_RECEPTION), and what that does not
    say."""
    last = date.fromisoformat(str(one["to_at"])[:10]) - timedelta(days=1)
    span = f"from {str(one['from_at'])[:10]} to {last}"
    if one["share"] is None:
        return f"{one['provider']} does not tell how well it received her {span}."
    return (
        f"{one['provider']} received her in {one['share']:.0%} of the {one['blocks']:,} hours of her voyages {span}; "
        "that says nothing of one hour or one place, and it is not our reception."
    )


def changed_since_decided(report: Row) -> Section | None:
    """What changed in the evidence since the decision that stands; None where none stands, or where nothing did."""
    counted = [one for one in report["reviews"] if not one["decision"].startswith("would_")]
    last = counted[-1] if counted else None
    if last is None or last["decision"] == "undone" or last.get("evidence_since") is None:
        return None
    when = plain_text(last["decided_at"])
    title = f"Changed since {plain_text(last['reviewer'])} decided {last['decision']} ({when} UTC)"
    return Section(title, [_sentence(one) for one in changes_since(last, report["alert"])])


def changes_since(review: Row, alert: Row) -> list[str]:
    """What changed in the evidence of an alert since a review, a sentence each; none where it is as it was."""
    since = review.get("evidence_since")  # packs have none
    if since is None:
        return []
    if since["changes"] is None:
        return [
            "Its evidence is other than then; what it was is not kept: it had changed before coalwatch kept what "
            "people decide on."
        ]
    found = []
    if (since["score"], since["grade"]) != (alert["score"], alert["grade"]):
        then, now = (f"{one['score']:+.1f} ({one['grade']})" for one in (since, alert))
        found.append(f"Score {then} before, {now} now")
    found += [_change(one["before"], one["now"]) for one in since["changes"]]
    return found or ["Nothing in what it says: the same evidence is counted otherwise"]


def _change(before: Row | None, now: Row | None) -> str:
    if before is None or now is None:
        one = now or before
        assert one is not None
        return f"{'Gone' if now is None else 'New'} ({one['weight']:+.1f}): {plain_text(one['statement'])}"
    if before["weight"] is None:
        weighs = "Headline"
    elif before["weight"] != now["weight"]:
        weighs = f"Weighs {now['weight']:+.1f} instead of {before['weight']:+.1f}"
    else:
        weighs = f"Reworded ({now['weight']:+.1f})" if before["statement"] != now["statement"] else "Another event"
    if before["statement"] == now["statement"]:
        return f"{weighs}: {plain_text(now['statement'])}"
    return f"{weighs}: {plain_text(now['statement'])} Before: {plain_text(before['statement'])}"


def silences(gaps: Sequence[Row], alert: Row) -> list[str]:
    """Each silence of her own within the time of an alert (rows of AIS_GAP), with who else was heard meanwhile."""
    found = []
    for gap in gaps:
        ended = gap["ended_at"] or alert["ended_at"]
        if gap["mmsi"] == alert["mmsi"] and gap["began_at"] <= alert["ended_at"] and ended >= alert["began_at"]:
            until = f"until {plain_text(gap['ended_at'])}" if gap["ended_at"] else "and not heard since"
            heard = f"others were heard in {gap['hours_heard']} of {gap['hours_tested']} hours tested"
            heard = heard if gap["hours_tested"] else "reception could not be tested"
            found.append(f"Silent from {plain_text(gap['began_at'])} {until} (UTC): {heard}.")
    return found


def calibrated(bands: Sequence[Row]) -> str:
    """What became of synthetic alerts of this pattern and score."""
    if not bands:
        return "Synthetic calibration: no alert of this pattern and score was raised in the drawn worlds."
    one = bands[0]
    of_hundred = round(100 * one["alerts_right"] / one["alerts"])
    return (
        f"Synthetic calibration: of 100 synthetic alerts like this, {of_hundred} were right ({one['alerts_right']} of "
        f"{one['alerts']} with a score from {one['score_from']:g} to {one['score_to']:g}; 95 % interval "
        f"{one['low']:.2f} to {one['high']:.2f}). {plain_text(one['conditions'])}"
    )


def named(alert: Row) -> str:
    """The ship: name, MMSI, and IMO number where there is one."""
    imo = f", IMO {alert['imo']}" if alert["imo"] else ""
    return f"{plain_text(alert['vessel_name']) or 'unnamed'}, MMSI {alert['mmsi']}{imo}"


def timed(alert: Row) -> str:
    """From when to when, and which evidence that is."""
    began, ended = plain_text(alert["began_at"]), plain_text(alert["ended_at"])
    return f"{began} to {ended} UTC, evidence {alert['evidence_hash']}"


def bound_by(alert: Row) -> str | None:
    """Terms of the data that it rests on, if there are any."""
    return f"Terms of the data it rests on: {plain_text(alert['licence'])}" if alert["licence"] else None


def _sentence(text: Any) -> Said:
    return Said(plain_text(text), "", "")


def _piece(one: Row) -> Said:
    rests_on = (one["event_table"], one["event_id"]) if one["event_id"] else None
    return Said(plain_text(one["statement"]), "", "", one["weight"], rests_on)


_WEIGHED_BY = {
    "listed": "as a sanctions list gives it", "gross_tonnage": "by her listed gross tonnage",
    "dimensions": "by her reported length and beam", "trade": "her size is not known: of the ships known in this trade",
}  # fmt: skip


def _cargo(one: Row) -> str:
    if one["basis"] == "none":
        return "Nothing: by her draughts she left in ballast, or she reports to be a tanker."
    said = {
        "draught": f"by her draught, which a cargo changed by {one['draught_change_m'] or 0:.1f} m",
        "dead_weight": "no draught shows a cargo; nine tenths of what she can carry",
    }[one["basis"]]
    weight = f"{one['dead_weight_low_t']:,.0f} to {one['dead_weight_high_t']:,.0f} t"
    return (
        f"{one['low_t']:,.0f} to {one['high_t']:,.0f} t: {said}. "
        f"Her dead weight is {weight}, {_WEIGHED_BY[one['dead_weight_basis']]}."
    )


def _law(one: Row) -> Said:
    paragraph = f", paragraph {plain_text(one['paragraph'])}" if one["paragraph"] else ""
    unseen = "" if one["verified"] else "; primary text not seen"
    reason, measure = plain_text(one["reason"]), plain_text(one["measure_id"])
    return Said("", one["authority"], f" {one['answer']}: {reason} ({measure}{paragraph}{unseen})")


def _claim(one: Row) -> Said:
    statement = plain_text(one["statement"]).rstrip(".")
    return Said(f"{one['relation']} ", plain_text(one["claim_id"]), f" ({statement}): {plain_text(one['reason'])}")


def _review(one: Row) -> Said:
    who = f"{plain_text(one['decided_at'])} {plain_text(one['reviewer'])}: "
    reason = plain_text(one.get("reason")).replace("_", " ")  # packs of earlier versions have none
    return Said(who, one["decision"], (f" ({reason})" if reason else "") + f" {plain_text(one['note'])}")
