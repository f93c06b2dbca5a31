"""DAG files as the scheduler and a person at the UI see them."""

import json
import re
import subprocess
import sys

import pytest

from pipeline.tasks.sources import scheduled_sources
from tests.dags.airflow import DAGS, environment

LOOK = """
import json, sys
from pathlib import Path
from airflow.dag_processing.dagbag import BundleDagBag
bag = BundleDagBag(bundle_path=Path(sys.argv[1]), dag_folder=sys.argv[1], bundle_name="coalwatch")
heavy = sorted({"pandas", "duckdb", "geopandas", "pyarrow", "httpx"} & set(sys.modules) - before)
print(json.dumps({
    "errors": bag.import_errors, "heavy": heavy,
    "dags": {dag.dag_id: {
        "description": dag.description, "doc": dag.doc_md, "tags": sorted(dag.tags), "catchup": dag.catchup,
        "tasks": {task.task_id: {
            "pool": task.pool, "after": sorted(task.upstream_task_ids), "rule": task.trigger_rule,
        } for task in dag.tasks}} for dag in bag.dags.values()},
}))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What a process without any metadata database makes of the DAG folder."""
    home = tmp_path_factory.mktemp("nowhere")
    look = "import sys\nimport airflow.dag_processing.dagbag\nbefore = set(sys.modules)\n" + LOOK
    done = subprocess.run(
        [sys.executable, "-c", look, str(DAGS)],
        env=environment(home, AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{home}/missing/airflow.db"),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert not (home / "missing").exists()
    return json.loads(done.stdout.splitlines()[-1])


def test_dags_import_without_a_database_and_without_heavy_libraries(seen):
    assert seen["errors"] == {}
    assert seen["heavy"] == []


def test_every_source_has_its_landing_dag(seen):
    landing = {f"land_positions_{spec.source}" for spec in scheduled_sources()}

    assert set(seen["dags"]) == landing | {"land_late_files", "watch_coal", "review_alerts", "refresh_reference"}


def test_each_dag_says_what_it_is_in_markdown_that_renders(seen):
    from markdown_it import MarkdownIt

    for dag_id, dag in seen["dags"].items():
        assert 20 < len(dag["description"]) < 120, dag_id
        assert "coalwatch" in dag["tags"]
        html = MarkdownIt("commonmark").enable("table").render(dag["doc"])
        assert re.search(r"<h3>[^<]+</h3>\s*<p>", html), dag_id
        assert "**" not in html, f"{dag_id}: bold text that does not render"
        assert not re.search(r"\{(?!COALWATCH_HOME\})", html), f"{dag_id}: a field that was not filled"


def test_each_landing_dag_says_whether_its_source_can_speak_of_nampo_and_its_licence(seen):
    for spec in scheduled_sources():
        doc = seen["dags"][f"land_positions_{spec.source}"]["doc"]
        assert f"**Can it speak about Nampo?** {spec.speaks_of_nampo.answer}" in doc
        assert spec.licence in doc


def test_what_writes_derived_rows_waits_in_the_one_slot_pool(seen):
    pools = json.loads((DAGS / "pools.json").read_text())
    assert pools["coalwatch_writer"]["slots"] == 1
    writers = {
        ("watch_coal", "derive"),
        ("watch_coal", "gate"),
        ("watch_coal", "publish"),
        ("review_alerts", "note"),
        ("review_alerts", "decide.record"),
        ("refresh_reference", "judge"),
    }
    for dag_id, dag in seen["dags"].items():
        for task_id, task in dag["tasks"].items():
            pool = "coalwatch_writer" if (dag_id, task_id) in writers else "default_pool"
            assert task["pool"] == pool, f"{dag_id}.{task_id}"


def test_the_weekly_run_judges_whatever_was_taken_and_is_red_if_anything_was_not(seen):
    tasks = seen["dags"]["refresh_reference"]["tasks"]

    assert tasks["judge"]["after"] == tasks["everything_was_taken"]["after"] == ["particulars", "refresh"]
    assert (tasks["judge"]["rule"], tasks["everything_was_taken"]["rule"]) == ("all_done", "none_failed")


def test_no_dag_of_ours_starts_a_backlog_by_itself(seen):
    assert not any(dag["catchup"] for dag in seen["dags"].values())


ASK = """
import importlib.util, json, sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
sys.path.insert(0, sys.argv[1])
import review_alerts
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk.exceptions import TaskAwaitingInput
from pipeline.tasks import review

said = []
HITLOperator.execute = lambda self, context: said.append("waits on")
HITLOperator.execute_complete = lambda self, context, event: said.append("ends")
ask = review_alerts.AskReviewer(
    task_id="ask", alert_id="a", evidence_hash="h", subject="s", options=["yes", "no decision"], defaults="no decision",
)
for why, behind, event, minutes in json.loads(sys.argv[2]):
    review.why_closed = lambda settings, alert_id, evidence_hash: why
    review.is_asked_otherwise = lambda settings, alert_id, evidence_hash: behind
    run = SimpleNamespace(start_date=datetime.now(UTC) - timedelta(minutes=minutes))
    try:
        done = ask.execute_complete({"dag_run": run}, event) if event else ask.execute({"dag_run": run})
    except TaskAwaitingInput as later:
        done = {"chosen_options": [f"after {later.timeout.total_seconds():g} s {later.method_name}"]}
    said += done["chosen_options"] if done else []
print(json.dumps([said, ask.response_timeout.total_seconds(), sorted(ask.template_fields)]))
"""


def asked(tmp_path, *cases):
    """What becomes of a question, by why it does not stand, whether another is open, an event, minutes of its run."""
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(DAGS), json.dumps(cases)],
        env=environment(tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    said, seconds, templated = json.loads(done.stdout.splitlines()[-1])

    assert seconds <= 3600
    assert {"alert_id", "evidence_hash", "subject", "body"} <= set(templated)
    return said


CHANGED, NONE_CAME, ANSWER = "the evidence of the alert changed", {"timedout": True}, {"timedout": False}


def test_a_question_waits_while_it_stands_and_ends_when_answered_superseded_or_overdue(tmp_path):
    """One question is open for an alert: of one whose evidence changed, eleven cards stood for five alerts."""
    month = 31 * 24 * 60
    cases = [
        (None, NONE_CAME, 0),
        (CHANGED, NONE_CAME, 0),
        (None, NONE_CAME, month),
        (None, ANSWER, 0),
        (CHANGED, ANSWER, 0),
    ]

    said = asked(tmp_path, *((why, False, event, minutes) for why, event, minutes in cases))

    assert said == ["waits on", "ends", "ends", "ends", "ends"]


def test_a_question_is_put_once_no_other_about_its_alert_is_open(tmp_path):
    passed = {"error": "no answer", "error_type": "timeout"}  # of a wait without a card

    said = asked(
        tmp_path, (None, False, None, 0), (None, True, None, 0), (None, True, passed, 10), (None, False, passed, 10),
        (None, True, passed, 20), (CHANGED, True, passed, 3), (CHANGED, False, None, 0), (None, True, NONE_CAME, 15),
    )  # fmt: skip

    later = "after 60 s execute_complete"
    assert said == ["waits on", later, later, "waits on", "waits on", "no decision", "no decision", "waits on"]
