"""Who gives events, as the catalogue of sources has it: what each is known not to see, and on which terms."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from pipeline.errors import InputError
from pipeline.fetch.sources import SourceSpec, load_sources


@cache
def event_providers() -> dict[str, SourceSpec]:
    """The sources that give events, by name."""
    return {name: spec for name, spec in load_sources().items() if spec.kind == "events"}


def blind_spots(providers: Iterable[str]) -> dict[str, str]:
    """What providers are known not to see, by kind of event; where there are several, each by its name.

    providers  whose events have landed
    raises     InputError for events of a provider that the catalogue no longer has
    """
    if unknown := set(providers) - event_providers().keys():
        raise InputError(
            f"{min(unknown)}: events of it have landed, but no source of that name gives events; put its file back "
            "into seeds/sources (or into the folder that COALWATCH_EXTENSIONS names)"
        )
    told: dict[str, dict[str, str]] = {}
    for name, spec in sorted(event_providers().items()):
        for kind, sentence in spec.event_notes.items():
            told.setdefault(kind, {})[name] = sentence
    return {
        kind: next(iter(of.values())) if len(of) == 1 else " ".join(f"{name}: {said}" for name, said in of.items())
        for kind, of in told.items()
    }


def event_terms() -> dict[str, str]:
    """The terms of each provider whose events are not free for every use."""
    return {name: spec.licence for name, spec in event_providers().items() if not spec.commercial_use}
