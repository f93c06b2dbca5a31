"""Which parts of the sea a live source brings something of: a silent one is said once, and again when it speaks.

Silence of a source is no absence of ships.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.fetch.requests import Box

_MEANING = "the source is silent there, which says nothing about ships"


@dataclass
class _Ear:
    """One box: what came from it."""

    box: Box
    heard_at: datetime
    count: int = 0
    silent: bool = False


class Reception:
    """Counts what comes, in all and by box.

    boxes      parts of the sea that were asked for; none: the whole of what the source has
    silence    how long nothing comes before it is said; None: it is never said
    began_at   when listening began
    """

    def __init__(self, boxes: Sequence[Box], silence: timedelta | None, began_at: datetime) -> None:
        self._silence, self._began_at = silence, began_at
        self._ears = [_Ear(box, began_at) for box in boxes]
        self._all_at, self._all_silent = began_at, False
        self.count = 0

    def heard(self, places: Iterable[tuple[float, float]], at: datetime) -> Iterator[str]:
        """Note one frame or poll that came and the places (latitude, longitude) it covers; returns who is heard again.

        A frame without any place (such as the server's own word) is not heard of the sea.
        """
        self.count += 1
        there = list(places)
        if not there:
            return
        if self._all_silent:
            yield f"heard again: something came after {_minutes(at - self._all_at)}"
        self._all_at, self._all_silent = at, False
        for ear in self._ears:
            if any(ear.box.holds(*place) for place in there):
                if ear.silent:
                    yield f"{ear.box.name} heard again: after {_minutes(at - ear.heard_at)}"
                ear.count, ear.heard_at, ear.silent = ear.count + 1, at, False

    def fallen_silent(self, at: datetime) -> Iterator[str]:
        """Tell, once each, of boxes from which nothing came for too long; in one line if nothing came at all."""
        if self._silence is None:
            return
        if at - self._all_at >= self._silence:
            if not self._all_silent:
                self._all_silent = True
                for ear in self._ears:
                    ear.silent = ear.silent or at - ear.heard_at >= self._silence
                yield f"silent: nothing at all for {_minutes(at - self._all_at)}; {_MEANING}"
            return
        for ear in self._ears:
            if not ear.silent and at - ear.heard_at >= self._silence:
                ear.silent = True
                silence = _minutes(at - ear.heard_at)
                yield f"{ear.box.name} silent: nothing for {silence} while other parts are heard; {_MEANING}"

    def as_dict(self) -> dict[str, Any]:
        """`frames`, `last_heard_at`, `silent`, and `boxes`: name, frames, last_frame_at, silent_since (ISO, UTC)."""
        return {
            "frames": self.count,
            "last_heard_at": told(self._all_at) if self._all_at > self._began_at else None,
            "silent": self._all_silent,
            "boxes": [
                {
                    "name": ear.box.name,
                    "frames": ear.count,
                    "last_frame_at": told(ear.heard_at) if ear.count else None,
                    "silent_since": told(ear.heard_at) if ear.silent else None,
                }
                for ear in self._ears
            ],
        }


def told(at: datetime) -> str:
    """A time as it is written: ISO 8601 in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _minutes(time: timedelta) -> str:
    return f"{time / timedelta(minutes=1):,.0f} min"
