"""What every export says of itself: whence, under which terms, of which days, and what AIS cannot prove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.plain import Record
from pipeline.publish.notices import NOTE, SYNTHETIC_NOTE, counted

COAST = "Zones: cut with the coastline © OpenStreetMap contributors, Open Database License (ODbL) 1.0"
RESULTS = (
    "The results of coalwatch are under the terms of the data they rest on; coalwatch itself is Apache-2.0. Rows under "
    "terms of their own name them in the column licence."
)


NO_ROWS = (
    "No {}: that is not that nothing happened. What was not heard, landed or derived, and what was not selected, "
    "is not in it."
)


def notes(*, synthetic: bool) -> list[str]:
    """What whoever reads a row must know: what AIS cannot prove, and that it is generated, where it is."""
    return [NOTE, *([SYNTHETIC_NOTE] if synthetic else [])]


@dataclass(frozen=True)
class About:
    """What an export rests on.

    selection    how the rows were chosen, as options; empty: all of them
    rows         how many, by layer
    data_from    first and last UTC day of the AIS that is derived (ISO); None without any
    data_to
    days         how many days of it
    held_back    of these, days that the quality gate holds back
    sources      source, licence, synthetic, of standing files
    terms        source, licence: what binds whoever passes it on (view `source_terms`)
    licences     of other things that are in it: zones, sanctions lists
    synthetic    whether any row of it rests on generated data
    left_out     what is not in it, and why, in sentences
    version      of coalwatch
    """

    selection: str = ""
    rows: Mapping[str, int] = field(default_factory=dict)
    data_from: str | None = None
    data_to: str | None = None
    days: int = 0
    held_back: int = 0
    sources: tuple[Record, ...] = ()
    terms: tuple[Record, ...] = ()
    licences: tuple[str, ...] = ()
    synthetic: bool = False
    left_out: tuple[str, ...] = ()
    version: str = field(default_factory=lambda: _version())

    @property
    def title(self) -> str:
        """A title of one line."""
        what = ", ".join(self.rows) or "nothing"
        return f"{'SYNTHETIC: ' if self.synthetic else ''}coalwatch: {what}"

    @property
    def generator(self) -> str:
        """Program and version."""
        return f"coalwatch {self.version}"

    @property
    def notes(self) -> list[str]:
        """What AIS cannot prove; that the data is generated, where it is; what an empty layer does not say."""
        none = [name for name, number in self.rows.items() if not number and name not in ("zones", "claims")]
        return [*notes(synthetic=self.synthetic), *([NO_ROWS.format(" and no ".join(none))] if none else [])]

    @property
    def of_days(self) -> str:
        """The days of the data, in words."""
        if not self.data_to:
            return "no AIS"
        held = f"; {counted(self.held_back, 'day')} held back by the quality gate" if self.held_back else ""
        return f"{self.data_from} to {self.data_to} (UTC, {counted(self.days, 'day')} with AIS{held})"

    @property
    def terms_in_words(self) -> list[str]:
        """Terms that bind whoever passes the file on, then what else its parts are under; a sentence each."""
        binding = [f"Terms of the data from {one['source']}: {one['licence']}" for one in self.terms]
        bound = {(one["source"], one["licence"]) for one in self.terms}
        free = [
            f"Data from {one['source']}: {one['licence'] or 'licence not stated'}"
            for one in self.sources
            if (one["source"], one["licence"]) not in bound
        ]
        return [*binding, *dict.fromkeys(free), *self.licences, RESULTS]

    def items(self) -> list[tuple[str, str]]:
        """Everything as key and value, in order; a key may come more than once."""
        return [
            ("title", self.title),
            *(("note", note) for note in self.notes),
            ("synthetic", "true" if self.synthetic else "false"),
            ("data", self.of_days),
            ("selection", self.selection or "everything"),
            *(("rows", f"{name}: {number}") for name, number in self.rows.items()),
            *(("left_out", one) for one in self.left_out),
            *(("licence", one) for one in self.terms_in_words),
            ("generator", self.generator),
        ]

    def text(self) -> str:
        """All of it as lines of plain text."""
        return "\n".join(f"{key}: {value}" for key, value in self.items()) + "\n"

    def record(self) -> Record:
        """All of it as a JSON object."""
        return {
            "title": self.title,
            "notes": self.notes,
            "synthetic": self.synthetic,
            "data_from": self.data_from,
            "data_to": self.data_to,
            "days": self.days,
            "days_held_back": self.held_back,
            "selection": self.selection,
            "rows": dict(self.rows),
            "left_out": list(self.left_out),
            "licence": self.terms_in_words,
            "generator": self.generator,
        }


def _version() -> str:
    from pipeline.version import VERSION  # reading it costs every command more than the rest of this module

    return VERSION
