"""What binds whoever decides: the short list of reasons, and where two people must agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pipeline.errors import InputError
from pipeline.resources import SEEDS
from pipeline.seedfile import Seed, load_seed, load_seeds
from pipeline.settings import REVIEW_RULES

if TYPE_CHECKING:
    from pipeline.settings import Settings


class Reasons(Seed):
    """A file of `seeds/review`: for each decision, reasons and what they say."""

    confirmed: Mapping[str, str] = {}
    dismissed: Mapping[str, str] = {}
    escalated: Mapping[str, str] = {}
    needs_more: Mapping[str, str] = {}
    undone: Mapping[str, str] = {}


class Rules(Seed):
    """`review.yaml` of a home.

    two_people           grades of which an alert is confirmed or dismissed only once two people said so of the same
                         evidence
    names_need_sign_off  whether names of ships stay out of exports and reports until an admin signs their alerts off
    """

    two_people: tuple[Literal["strong", "moderate", "weak"], ...] = ()
    names_need_sign_off: bool = False


def reasons() -> dict[str, dict[str, str]]:
    """Reasons to choose from and what they say, by decision; those of an installation behind ours.

    raises  InputError for a file that cannot be read
    """
    files = load_seeds(SEEDS / "review", Reasons)
    return {
        decision: {name: words for one in files for name, words in getattr(one, decision).items()}
        for decision in Reasons.model_fields
    }


def rules_of(settings: Settings) -> Rules:
    """The rules of a home; none where it has no `review.yaml`.

    raises  InputError for a file that cannot be read, naming line and field
    """
    path = settings.home / REVIEW_RULES
    return load_seed(path, Rules) if path.is_file() else Rules()


def see_reason(decision: str, reason: str | None) -> None:
    """Refuse a reason that is not one of the decision's.

    raises  InputError naming those there are
    """
    known = reasons().get(decision, {})
    if reason is not None and reason not in known:
        raise InputError(f'no reason "{reason}" for {decision}; expected one of {", ".join(known) or "none"}')
