"""What all answers of the Global Fishing Watch API v3 have in common: pages of `entries`, one JSON document a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.resources import SEEDS

PROVIDER = "gfw"
LICENCE = (
    "Global Fishing Watch, CC BY-NC 4.0: non-commercial use only, "
    "credit 'Powered by Global Fishing Watch' with a link to globalfishingwatch.org"
)
_NO_ENTRY = re.compile(r'"entries"\s*:\s*\[\s*\]')
_SURROGATE = re.compile("[\ud800-\udfff]")


def entries(path: Path) -> Iterator[tuple[dict[str, Any] | None, str]]:
    """Each entry of each page with its text; None for what is none.

    What no text can hold where it is kept (in Parquet, in PostgreSQL) is taken out: NUL, and halves of characters,
    which become the replacement character.
    """
    with path.open("rb") as lines:
        for line in filter(bytes.strip, lines):
            try:
                page = json.loads(line)
                if b"\\u" in line or b"\xed" in line:  # a half of a character comes escaped, or begins with this byte
                    page = _clean(page)
                found = page["entries"]
                if not isinstance(found, list):
                    raise TypeError
                texts = [json.dumps(entry, ensure_ascii=False) for entry in found]
            except (ValueError, TypeError, KeyError, RecursionError):
                yield None, _clean(line.decode("utf-8", "replace").strip())
                continue
            for entry, text in zip(found, texts, strict=True):
                yield entry if isinstance(entry, dict) else None, text


def _clean(value: Any) -> Any:
    """A JSON value with clean texts."""
    if isinstance(value, str):
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value).replace("\0", "")
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(one) for name, one in value.items()}
    return value


def tells_vessels(page: str) -> bool:
    """Whether a page, or its beginning, holds particulars of ships."""
    return '"selfReportedInfo"' in page or '"registryInfo' in page or '"idsFound"' in page


def is_empty(page: str) -> bool:
    """Whether a page holds no entry and is not told by its `nextOffset` to be one of events."""
    return bool(_NO_ENTRY.search(page)) and '"nextOffset"' not in page


@cache
def alpha2() -> dict[str, str]:
    """ISO 3166 alpha-2 by alpha-3, and by itself."""
    from pandas import read_csv

    table = read_csv(SEEDS / "iso3166.csv", comment="#", keep_default_na=False)
    return dict(zip(table["alpha3"], table["alpha2"], strict=True)) | {code: code for code in table["alpha2"]}
