"""The pages of the desk: every file here that declares a `PAGE` is one, with no list of them anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import APIRouter


@dataclass(frozen=True)
class Page:
    """What a file of this folder adds to the desk.

    router   its addresses
    title    under which navigation shows it; None: it is reached from other pages
    route    name of the route that navigation leads to
    order    its place in navigation
    role     the least role that navigation shows it to; None: everyone
    helpers  functions that any template may call; the request is their first argument, and not written
    """

    router: APIRouter
    title: str | None = None
    route: str = ""
    order: int = 100
    role: str | None = None
    helpers: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
