"""Who asks: the person behind a request, and what their role lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

ROLES = ("reader", "reviewer", "admin")  # each may do what those before it may


@dataclass(frozen=True)
class Person:
    """Whoever asks.

    name  as it stands with their decisions
    role  one of ROLES
    """

    name: str
    role: str

    def may(self, role: str) -> bool:
        """Whether this person may do what a role does."""
        return ROLES.index(self.role) >= ROLES.index(role)


def asking(request: Request) -> Person:
    """The person behind a request, as `security.Guard` found them; it lets nobody else through."""
    person: Person | None = request.state.person
    if person is None:
        raise HTTPException(401, "Sign in first.")
    return person


def see_may(person: Person, role: str) -> None:
    """Refuse whoever may not do what a role does.

    raises  HTTPException (403)
    """
    if not person.may(role):
        raise HTTPException(403, f"{person.name} is {person.role}; this takes the role {role}. An admin can give it.")


Asking = Annotated[Person, Depends(asking)]
