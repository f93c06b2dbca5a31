"""What every page of the desk has: navigation, a policy, nothing inline, nothing from elsewhere."""

import hashlib
import html
import re
import sqlite3
from pathlib import Path

import httpx
import pytest

from pipeline.desk import app
from pipeline.resources import ROOT
from pipeline.settings import Settings
from pipeline.tasks.reports import alert_queue
from tests.desk.serving import served

FOLDER = Path(app.__file__).parent
TEMPLATES = sorted((FOLDER / "templates").glob("*.html"))
# maplibre-gl 6.17.0 as npm gives it (BSD-3-Clause)
VENDORED = {
    "LICENSE.txt": "ee5fc05a0677eaf69601d2c7db0d9ecd6cc27c3abc1d0733bc9ed34707cf8ef2",
    "maplibre-gl-worker.mjs": "73d7a024a4efe1a46e49db193e18cfe33271e3ecc652ec7542c281a4ef5f0f04",
    "maplibre-gl.css": "a90798a1953017790e590f7e1bd35ff103a8a4263972cb47290b78adf86f8c20",
    "maplibre-gl.mjs": "e02cb08c572fd0950a75343cd558099c2a1dbbaf67f26b0c96f115431962d1ae",
}


@pytest.mark.parametrize("name", VENDORED)
def test_the_map_library_is_what_its_publisher_gave(name):
    content = (FOLDER / "static" / "maplibre-gl" / name).read_bytes()

    assert hashlib.sha256(content).hexdigest() == VENDORED[name]


def test_no_file_of_the_map_library_is_unpinned():
    assert {path.name for path in (FOLDER / "static" / "maplibre-gl").iterdir()} == set(VENDORED)


def test_the_notice_names_the_map_library_and_what_it_bundles():
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    licences = (FOLDER / "MAPLIBRE-LICENCES.txt").read_text(encoding="utf-8")
    bundled = re.findall(r"^=+\n(?:@\w+/)?([\w-]+) [\d.]+ \(", licences, re.MULTILINE)

    assert "MapLibre GL JS 6.17.0" in notice
    assert bundled
    assert [name for name in bundled if name not in notice] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_script_or_style_is_inline(path):
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|\|\s*safe", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_address_leads_elsewhere_by_itself(path):
    assert not re.search(r"(src|href)=[\"'](https?:)?//", path.read_text(encoding="utf-8"))


def test_the_queue_is_the_first_page(client):
    answer = client.get("/")

    assert answer.status_code == 200
    assert 'aria-current="page">Queue</a>' in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_an_unknown_alert_is_one_sentence(client):
    answer = client.get("/alerts/nosuch")

    assert answer.status_code == 404
    assert "nosuch" in answer.text
    assert "Not answered" in answer.text


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("0012", "has schema 0012, expected .* `coalwatch db upgrade`, or the next `coalwatch run`"),
        ("9999", "has schema 9999, newer than .* install the newer coalwatch"),
    ],
)
def test_a_warehouse_of_another_schema_is_answered_by_what_to_do_until_it_is_brought_up_to_date(own_home, name, says):
    def version(number):
        with sqlite3.connect(own_home / "warehouse.sqlite") as connection:
            (before,) = connection.execute("select version_num from alembic_version").fetchone()
            connection.execute("update alembic_version set version_num = ?", [number])
        connection.close()
        return before

    with served(own_home) as address, httpx.Client(timeout=60, base_url=address) as client:
        ours = version(name)
        for path in ("/?status=new", "/alerts/nosuch", "/claims", "/coverage", "/zones", "/law", "/sources", "/runs"):
            answer = client.get(path)
            assert answer.status_code == 503, path
            assert re.search(says, html.unescape(answer.text)), path
            assert f'href="{path}"' in answer.text  # to try again
        version(ours)
        assert client.get("/?status=new").status_code == 200
        assert client.get("/alerts/nosuch").status_code == 404


def test_rules_of_review_that_cannot_be_read_are_no_wrong_address(own_home):
    alert_id = alert_queue(Settings(own_home, ""))[0]["alert_id"]
    (own_home / "review.yaml").write_text("two_people: [string]\n")
    with served(own_home) as address, httpx.Client(timeout=60, base_url=address) as client:
        answer = client.get(f"/alerts/{alert_id}")

    assert answer.status_code == 503
    assert "review.yaml:1: two_people" in answer.text


def test_a_browser_shows_the_queue(page):
    page.goto("/")

    assert page.get_by_role("heading", name="Queue").is_visible()


def test_names_of_ships_do_nothing_on_a_page():
    from pipeline.desk.view import _environment

    template = _environment().from_string('<p title="{{ name }}">{{ name }}</p>')

    shown = template.render(name='<b>NAME</b> "x"\u202e\x1b[1m\u2066')

    assert shown == '<p title="&lt;b&gt;NAME&lt;/b&gt; &#34;x&#34;  [1m ">&lt;b&gt;NAME&lt;/b&gt; &#34;x&#34;  [1m </p>'
