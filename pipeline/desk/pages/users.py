"""Who may sign in: an admin adds people, changes their roles and takes them out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.desk.access import Access
from pipeline.desk.pages import Page
from pipeline.desk.people import ROLES, Asking, Person, see_may
from pipeline.desk.security import see_token
from pipeline.desk.users import Users
from pipeline.desk.view import path_of, show
from pipeline.errors import InputError

router = APIRouter()
PAGE = Page(router, title="Users", route="users", order=90, role="admin")
Text = Annotated[str, Form()]


@router.get("/users", name="users")
def users(request: Request, person: Asking) -> Response:
    """Everyone who may sign in, with their roles."""
    known = _known(request, person)
    return show(request, "users.html", people=known.roles() if known else None, roles=ROLES, wrong=None)


@router.post("/users", name="change_users")
def change(
    request: Request, person: Asking, name: Text = "", role: Text = "", password: Text = "", act: Text = "",
    token: Text = "",
) -> Response:  # fmt: skip
    """Add somebody, give them another role, or take them out; nobody does that to themselves."""
    known = _known(request, person)
    access: Access = request.app.state.access
    see_token(request, token)
    try:
        if known is None:
            raise InputError("nobody signs in here, so there are no users to change")
        if name == person.name:
            raise InputError("nobody changes their own role here; another admin can")
        if act == "remove":
            known.remove(name)
        elif act == "role":
            known.give_role(name, role)
        else:
            known.add(name, role, None if access.provider and not password else password)
    except InputError as error:
        people = known.roles() if known else None
        return show(request, "users.html", status=422, people=people, roles=ROLES, wrong=str(error))
    return RedirectResponse(path_of(request, "users"), 303)


def _known(request: Request, person: Person) -> Users | None:
    see_may(person, "admin")
    access: Access = request.app.state.access
    return access.users
