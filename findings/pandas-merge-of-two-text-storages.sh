#!/usr/bin/env bash
# pandas: a merge or join on two text columns that both call themselves `str` gives a column of objects, without a word.
#
# Text is kept in Arrow's arrays or as Python's strings, by the option `mode.string_storage` at the time a column was made
# (and by what made it: a file read through Arrow, a frame of another library). Both print as `str` and compare equal as
# text; as types they do not, and the key of a merge or a join of one with the other comes out as `object`. A frame
# with a fixed contract then fails far from where the two met; `concat` of the same columns keeps `str`.
#
# Seen with pandas 3.1.1 and pyarrow 26.0.1 (Python 3.11). Fails when a later version does otherwise.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet --disable-pip-version-check pandas==3.1.1 pyarrow==26.0.1

"$work/env/bin/python" - <<'PYTHON'
import pandas as pd


def ships(storage: str, column: str) -> pd.DataFrame:
    """Two ships by name, whose text is kept in one of the two ways."""
    with pd.option_context("mode.string_storage", storage):
        return pd.DataFrame({"name": ["AIFE", "TONG SAN 2"], column: [1, 2]})


ours, theirs = ships("python", "calls"), ships("pyarrow", "meetings")
alike = ours["name"].dtype, theirs["name"].dtype
found = {
    "of one kind": str(ours.merge(ships("python", "meetings"), on="name")["name"].dtype),
    "merged": str(ours.merge(theirs, on="name")["name"].dtype),
    "joined": str(ours.join(theirs.set_index("name"), on="name")["name"].dtype),
    "one below the other": str(pd.concat([ours, theirs])["name"].dtype),
}
print("pandas", pd.__version__)
print("both print as", *map(str, alike), "- equal as types:", alike[0] == alike[1])
for how, kind in found.items():
    print(f"{how}: {kind}")
assert [str(one) for one in alike] == ["str", "str"]
assert alike[0] != alike[1]
assert found == {"of one kind": "str", "merged": "object", "joined": "object", "one below the other": "str"}, found
PYTHON
