"""The desk inside Airflow: who is signed in there looks, who may answer its questions decides, and nobody else."""

import importlib.util
import secrets
import shutil
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from pipeline.settings import Settings
from pipeline.tasks.reports import alert_queue, alert_report
from tests.desk.serving import fields_of, on_a_socket

PLUGIN = Path(__file__).resolve().parents[2] / "dags" / "plugins" / "coalwatch_desk.py"
MAY = {"admin": ("GET", "PUT"), "viewer": ("GET",), "stranger": ()}


def plugin():
    found = importlib.util.spec_from_file_location("coalwatch_desk", PLUGIN)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


async def nobodys(token):
    from jwt import InvalidTokenError

    raise InvalidTokenError


@pytest.fixture
def airflow(told, tmp_path, monkeypatch):
    """The address of an application with the desk mounted, as Airflow's API server mounts it; a header says who is
    signed in."""
    pytest.importorskip("airflow")
    from airflow.api_fastapi.core_api.security import USER_INJECTED_BY_TRUSTED_MIDDLEWARE
    from fastapi import FastAPI

    shutil.copytree(told, tmp_path / "home")
    monkeypatch.setenv("COALWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("COALWATCH_WAREHOUSE_URL", raising=False)
    manager = SimpleNamespace(
        is_authorized_dag=lambda *, method, user, **about: method in MAY[user.get_name()], get_user_from_token=nobodys
    )
    monkeypatch.setattr("airflow.api_fastapi.app.get_auth_manager", lambda: manager)
    monkeypatch.setattr("airflow.api_fastapi.core_api.security.get_auth_manager", lambda: manager)
    app = FastAPI()
    for one in plugin().CoalwatchDesk.fastapi_apps:
        app.mount(one["url_prefix"], one["app"])

    @app.middleware("http")
    async def signed_in(request, call_next):
        if name := request.headers.get("x-who"):
            request.state.user = SimpleNamespace(get_name=lambda: name)
            if "x-forged" not in request.headers:
                request.state.user_authenticated_via = USER_INJECTED_BY_TRUSTED_MIDDLEWARE
        return await call_next(request)

    with on_a_socket(app) as address:
        yield address


@pytest.fixture
def everybody_is_admin(told, monkeypatch):
    """The address of the desk under Airflow's own manager of users, where nobody signs in (`make airflow`)."""
    pytest.importorskip("airflow")
    from airflow.api_fastapi.auth.managers.simple.middleware import SimpleAllAdminMiddleware
    from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
    from fastapi import FastAPI

    monkeypatch.setenv("COALWATCH_HOME", str(told))
    monkeypatch.delenv("COALWATCH_WAREHOUSE_URL", raising=False)
    monkeypatch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS", "true")
    monkeypatch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", secrets.token_hex(64))
    manager = SimpleAuthManager()
    for place in ("app", "core_api.security", "auth.managers.simple.services.login"):
        monkeypatch.setattr(f"airflow.api_fastapi.{place}.get_auth_manager", lambda: manager)
    monkeypatch.setattr("airflow.models.revoked_token.RevokedToken.is_revoked", lambda jti: False)  # of no database
    app = FastAPI()
    app.mount("/coalwatch", plugin().Desk())
    app.add_middleware(SimpleAllAdminMiddleware)
    with on_a_socket(app) as address:
        yield address


def test_where_everybody_is_admin_whoever_asks_is(everybody_is_admin):
    page = httpx.get(f"{everybody_is_admin}/coalwatch/")

    assert page.status_code == 200
    assert "airflow:Anonymous" in page.text


def test_a_token_that_airflow_did_not_give_is_nobodys(airflow):
    answer = httpx.get(f"{airflow}/coalwatch/", headers={"authorization": "Bearer forged", "x-who": "admin"})

    assert answer.status_code == 401


@pytest.mark.parametrize("headers", [{}, {"x-who": "stranger"}, {"x-who": "admin", "x-forged": "yes"}])
def test_nobody_is_let_in_whom_airflow_does_not_know_or_let(airflow, headers):
    for path in ("/coalwatch/", "/coalwatch/static/desk.css", "/coalwatch/sign-in"):
        assert httpx.get(f"{airflow}{path}", headers=headers).status_code == 401


def test_its_pages_lead_to_each_other_where_it_is_mounted(airflow):
    page = httpx.get(f"{airflow}/coalwatch/", headers={"x-who": "viewer"})

    assert page.status_code == 200
    assert 'href="/coalwatch/static/desk.css"' in page.text
    assert 'href="/coalwatch/alerts/' in page.text
    assert 'aria-current="page">Queue</a>' in page.text
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert httpx.get(f"{airflow}/coalwatch/static/desk.css", headers={"x-who": "viewer"}).status_code == 200


def test_a_decision_bears_the_name_that_an_answer_in_airflow_bears(airflow, tmp_path):
    settings = Settings(tmp_path / "home", "")
    alert_id = alert_queue(settings)[0]["alert_id"]
    place = f"{airflow}/coalwatch/alerts/{alert_id}"
    form = fields_of(httpx.get(place, headers={"x-who": "admin"}).text) | {"decision": "confirmed"}

    assert httpx.post(f"{place}/decision", data=form, headers={"x-who": "viewer"}).status_code == 403
    assert httpx.post(f"{place}/decision", data=form, headers={"x-who": "admin"}).status_code == 303
    assert [one["reviewer"] for one in alert_report(settings, alert_id)["reviews"]] == ["airflow:admin"]


def test_airflow_takes_the_link_into_its_navigation():
    pytest.importorskip("airflow")
    from airflow.api_fastapi.core_api.datamodels.plugins import ExternalViewResponse

    text = PLUGIN.read_text(encoding="utf-8")

    (view,) = plugin().CoalwatchDesk.external_views
    assert ExternalViewResponse(**view).destination == "nav"
    assert "pipeline" not in text.partition("class Desk")[0]  # schedulers load plugins too
