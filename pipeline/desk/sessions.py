"""Who is signed in, and how often somebody tried: in the memory of the process, so that a restart ends all of it."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

IDLE, LONGEST = timedelta(hours=1), timedelta(hours=12)
_TRIES, _WITHIN = 5, timedelta(minutes=15)
_MOST_KEPT = 10_000  # names and addresses of failed tries; beyond, those that were first are forgotten


@dataclass
class Session:
    """Somebody who signed in.

    token   that forms must send back
    drafts  decisions that were sent after an earlier session had ended, by alert
    """

    name: str
    began_at: datetime
    used_at: datetime
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    drafts: dict[str, dict[str, str]] = field(default_factory=dict)


class Sessions:
    """The sessions of a process; cookies hold their keys, of which only hashes are kept."""

    def __init__(self) -> None:
        self._kept: dict[str, Session] = {}
        self._failed: dict[str, list[datetime]] = {}
        self._lock = threading.Lock()

    def begin(self, name: str, now: datetime) -> tuple[str, Session]:
        """A new session and its key."""
        key, session = secrets.token_urlsafe(32), Session(name, now, now)
        with self._lock:
            self._kept = {one: kept for one, kept in self._kept.items() if _lives(kept, now)}
            self._kept[_hashed(key)] = session
        return key, session

    def find(self, key: str | None, now: datetime) -> Session | None:
        """The session of a key; None for one that there is not, or that is over."""
        session = self._kept.get(_hashed(key)) if key else None
        if session is None or not _lives(session, now):
            return None
        session.used_at = now
        return session

    def end(self, key: str | None) -> None:
        """End a session."""
        with self._lock:
            self._kept.pop(_hashed(key or ""), None)

    def may_try(self, who: str, now: datetime) -> bool:
        """Whether a name or an address may try again: not after five failures within a quarter of an hour."""
        with self._lock:
            return len(self._recent(who, now)) < _TRIES

    def failed(self, who: str, now: datetime) -> None:
        """Note a failure to sign in."""
        with self._lock:
            self._failed[who] = [*self._recent(who, now), now]
            while len(self._failed) > _MOST_KEPT:
                del self._failed[next(iter(self._failed))]

    def _recent(self, who: str, now: datetime) -> list[datetime]:
        return [at for at in self._failed.get(who, []) if now - at < _WITHIN]


def _lives(session: Session, now: datetime) -> bool:
    return now - session.used_at < IDLE and now - session.began_at < LONGEST


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
