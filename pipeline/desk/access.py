"""Who may do what at a desk, and by which names it is reached."""

from __future__ import annotations

import getpass
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.desk.hosts import LOOPBACK as LOOPBACK
from pipeline.desk.people import Person
from pipeline.desk.sessions import Sessions

if TYPE_CHECKING:
    from pipeline.desk.provider import Provider
    from pipeline.desk.users import Users


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who may do what, and by which names the desk is reached.

    everyone  the person that everybody is who can reach the desk; None: nobody without signing in
    users     who may sign in
    provider  where they may sign in beside names and passwords; None: nowhere
    identify  who asks, by the state of a request, where something around the desk knows that (Airflow)
    hosts     names and addresses that a request may be for, without port
    framed    whose pages may show the desk in a frame ('none', or 'self' inside Airflow)
    sessions  who is signed in
    token     that forms must send back where nobody signs in
    """

    everyone: Person | None = None
    users: Users | None = None
    provider: Provider | None = None
    identify: Callable[[Mapping[str, Any]], Person | None] | None = None
    hosts: frozenset[str] = LOOPBACK
    framed: str = "'none'"
    sessions: Sessions = field(default_factory=Sessions)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))


def local_access() -> Access:
    """The person at this machine may do everything."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        name = "desk"
    return Access(everyone=Person(name, "admin"))
