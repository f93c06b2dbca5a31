"""Who is judged again when a list, the law or the weights change, and who is not."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from pandas.testing import assert_frame_equal

from pipeline.judgement.knowledge_files import KnowledgeFiles
from pipeline.settings import Settings
from pipeline.tasks import run
from pipeline.tasks.home import read_knowledge
from tests.tasks.uk_lists import SHIP, uk_file, uk_ship, uk_ships
from tests.tasks.world import Installation


@pytest.fixture
def home(told, tmp_path):
    """A home with five days of ships derived, among them one that carries coal and others that only pass."""
    shutil.copytree(told, tmp_path / "home")
    return Installation(tmp_path / "home")


def rebuilt(home: Installation, folder: Path) -> dict:
    """What the same home holds when all of it is derived again."""
    shutil.copytree(home.settings.home, folder)
    copy = Installation(folder)
    copy.run(rebuild=True)
    return copy.rows()


def roles(home: Installation) -> set[str]:
    return set(home.rows()["alert_evidence"]["role"])


def fsf_file(day: str, *ships: tuple[str, str, int]) -> bytes:
    """The EU's consolidated list, of which the seeds have no edition."""
    rows = [f"{day};{n};EU.{n}.1;2018-03-30;enterprise;PRK;{name};{imo};imo" for n, name, imo in ships]
    return "\n".join([FSF_HEADER, *rows]).encode()


FSF_HEADER = (
    "fileGenerationDate;Entity_LogicalId;Entity_EU_ReferenceNumber;Entity_DesignationDate;Entity_SubjectType;"
    "Entity_Regulation_Programme;NameAlias_WholeName;Identification_Number;Identification_TypeCode"
)
HERS, OTHER = ("1", "Demo Coal", SHIP), ("2", "Petrel 8", 9562233)


def test_a_listed_ship_is_judged_again_and_no_other(home, take, tmp_path):
    take(fsf_file("31/05/2018", HERS, OTHER), "eu")

    report = home.run()

    assert (report.judged, report.ships) == (1, 0)
    assert "listed" in roles(home)
    rows = home.rows()
    for name, again in rebuilt(home, tmp_path / "rebuilt").items():
        assert_frame_equal(rows[name], again, obj=name)

    take(fsf_file("01/06/2018", OTHER), "eu")  # she vanishes before she leaves Nampo
    report = home.run()

    assert report.judged == 1
    assert "listed" not in roles(home)
    assert home.run().judged == 0  # nothing changed


def test_a_changed_entry_of_a_ship_never_heard_here_judges_nobody(home, take):
    take(fsf_file("31/05/2018", OTHER), "eu")

    report = home.run()

    assert report.judged == 0
    assert report.changed  # the lists themselves are new


def test_a_name_like_a_listed_one_is_judged_again_where_no_number_contradicts(home, take):
    for day in ("31-May-2018", "31-Dec-2018"):
        take(uk_file([*uk_ships(), uk_ship("DPR0998", "Demo Coall", "")], day))

    assert home.run().judged == 1
    assert "listed_name_hint" in roles(home)


@pytest.mark.long
def test_a_stopped_run_still_owes_it(home, take, monkeypatch):
    take(fsf_file("31/05/2018", HERS), "eu")
    with monkeypatch.context() as patch:
        patch.setattr(run, "judge", stop)
        with pytest.raises(KeyboardInterrupt):
            home.run()

    home.run()

    assert "listed" in roles(home)


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_changed_law_judges_the_ships_that_it_may_bear_on(home, monkeypatch):
    def other_law(settings: Settings | None = None) -> KnowledgeFiles:
        files = read_knowledge(settings)
        coal = files.measures.entries["un-2371-coal"]
        changed = coal.model_copy(update={"basis": coal.basis.model_copy(update={"paragraph": "8 bis"})})
        entries = files.measures.entries | {"un-2371-coal": changed}
        return replace(files, measures=replace(files.measures, entries=entries, hash="other"))

    monkeypatch.setattr(run, "read_knowledge", other_law)

    report = home.run()

    rows = home.rows()
    assert 0 < report.judged < len(rows["track"]["mmsi"].unique())
    law = rows["legal_assessment"].query("measure_id == 'un-2371-coal'")
    assert set(law["paragraph"]) == {"8 bis"}


def test_changed_weights_judge_everyone(home, monkeypatch):
    def other_weights(settings: Settings | None = None) -> KnowledgeFiles:
        files = read_knowledge(settings)
        tanker = files.weights.roles["tanker"].model_copy(update={"weight": -6.0})
        return replace(
            files, weights=files.weights.model_copy(update={"roles": files.weights.roles | {"tanker": tanker}})
        )

    monkeypatch.setattr(run, "read_knowledge", other_weights)

    assert home.run().judged == len(home.rows()["track"]["mmsi"].unique())
