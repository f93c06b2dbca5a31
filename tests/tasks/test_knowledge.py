"""The knowledge files read at once: one hash for all of them, and the tables that show them."""

from dataclasses import fields, replace
from types import SimpleNamespace

import pytest

from pipeline.judgement.knowledge_files import KnowledgeFiles
from pipeline.settings import Settings
from pipeline.tasks.home import read_knowledge


@pytest.mark.parametrize("part", [field.name for field in fields(KnowledgeFiles)])
def test_the_hash_is_another_if_any_of_them_says_something_else(part):
    knowledge = read_knowledge()
    other = replace(knowledge, **{part: SimpleNamespace(hash="other")})

    assert read_knowledge().hash == knowledge.hash != other.hash


def test_each_table_keeps_its_contract_and_has_rows():
    for table, rows in read_knowledge().tables():
        table.check(rows)
        assert len(rows), table.name


def test_a_home_that_is_not_there_knows_what_the_seeds_know(tmp_path):
    settings = Settings(home=tmp_path / "none")

    assert read_knowledge(settings).hash == read_knowledge().hash
    assert not settings.home.exists()
