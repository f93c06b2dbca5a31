"""Airflow plugin: the review desk as a page of Airflow, for whoever is signed in there.

Airflow guards what a plugin serves by nothing: who asks, and what they may, is asked here. Who may see the runs of
`watch_coal` may look; who may answer what `review_alerts` asks may decide. Their decisions bear the name that an answer
in Airflow bears. The API server loads this from its plugins folder.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

PATH = "/coalwatch"


class Desk:
    """The desk of the home that the environment names, made when it is first asked for: schedulers load plugins too."""

    def __init__(self) -> None:
        self._app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request, once Airflow said whose it is."""
        if self._app is None:
            self._app = _desk()
        if scope["type"] == "http":
            scope.setdefault("state", {})["airflow_user"] = await _user(scope)
        await self._app(scope, receive, send)


def _desk() -> Any:
    from pipeline.desk.app import create_app
    from pipeline.settings import Settings

    return create_app(Settings(), _access())


def _access() -> Any:
    import hashlib
    from urllib.parse import urlsplit

    from airflow.configuration import conf

    from pipeline.desk.access import LOOPBACK, Access

    address = urlsplit(conf.get("api", "base_url", fallback="") or "")
    secret = conf.get("api", "secret_key", fallback="") or ""
    return Access(
        identify=_person,
        hosts=frozenset({*LOOPBACK, *([address.hostname] if address.hostname else [])}),
        framed="'self'",
        # The same in every worker of the API server.
        **({"token": hashlib.sha256(f"coalwatch desk {secret}".encode()).hexdigest()} if secret else {}),
    )


async def _user(scope: Any) -> Any:
    """Whose a request is, by Airflow's own rule: the token that it brings along (where everybody is admin, Airflow adds
    one itself), else the cookie of whoever is signed in; None for nobody."""
    from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
    from fastapi import HTTPException, Request

    request = Request(scope)
    try:
        return await get_user(request, None, await bearer_scheme(request))
    except HTTPException:
        return None


def _person(state: Any) -> Any:
    """Whoever Airflow says is asking (in the state of a request), by what they may do there; None for nobody."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails

    from pipeline.desk.people import Person

    user = state.get("airflow_user")
    if user is None:
        return None
    may = get_auth_manager().is_authorized_dag
    if not may(method="GET", details=DagDetails(id="watch_coal"), user=user):
        return None
    answers = may(
        method="PUT", access_entity=DagAccessEntity.HITL_DETAIL, details=DagDetails(id="review_alerts"), user=user
    )
    return Person(f"airflow:{user.get_name()}", "reviewer" if answers else "reader")


class CoalwatchDesk(AirflowPlugin):
    """Hands the desk to Airflow, and a link to it to its navigation."""

    name = "coalwatch_desk"
    fastapi_apps = [{"app": Desk(), "url_prefix": PATH, "name": "coalwatch desk"}]
    external_views = [
        {
            "name": "Review desk",
            "href": f"{PATH}/",
            "destination": "nav",
            "url_route": "coalwatch",
            "category": "browse",
        }
    ]
