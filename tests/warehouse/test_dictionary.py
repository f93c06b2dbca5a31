from pathlib import Path

from pipeline.contracts import WAREHOUSE
from pipeline.warehouse.dictionary import data_dictionary
from pipeline.warehouse.schema import view_files

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_data_dictionary_is_up_to_date():
    stale = "docs/data-dictionary.md is stale; run: coalwatch sql --dictionary > docs/data-dictionary.md"

    assert (DOCS / "data-dictionary.md").read_text(encoding="utf-8") == data_dictionary(), stale


def test_every_table_view_and_column_is_explained():
    text = data_dictionary()

    for table in WAREHOUSE:
        assert f"### {table.name}\n" in text
        for column in table.columns:
            assert f"| `{column.name}` | " in text
            assert column.doc in text
    for name in view_files():
        assert f"### {name}\n\nView: " in text
