"""What all answers of the Global Fishing Watch API v3 have in common: JSON documents with pages of `entries`.

A file may hold a page a line, as it is fetched; pages that somebody printed over many lines; a list of pages or
entries; or a single entry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.resources import SEEDS

PROVIDER = "gfw"
LICENCE = (
    "Global Fishing Watch, CC BY-NC 4.0: non-commercial use only, "
    "credit 'Powered by Global Fishing Watch' with a link to globalfishingwatch.org"
)
_BETWEEN = re.compile(r"[\s\ufeff,\]}]*")  # documents; the brackets are of torn ones
_ENTRIES = re.compile(r'"entries"\s*:\s*\[')
_BEGINS = re.compile(r"^[\[{]", re.MULTILINE)
_NO_ENTRY = re.compile(r'"entries"\s*:\s*\[\s*\]')
_SURROGATE = re.compile("[\ud800-\udfff]")
_OF_AN_ENTRY = {"type", "start", "vessel", "selfReportedInfo", "registryInfo"}
_SNIFFED = 1 << 16
# Answers of the same API that hold neither events nor ships, by what stands in them and nowhere else.
_OTHERS = {
    "cells of a 4Wings report, radar detections or hours of presence": re.compile(
        r'"public-[\w-]+:[^"]*"\s*:|"report_dataset"\s*:|"entryTimestamp"\s*:'
    ),
    "statistics of events": re.compile(r'"numEvents"\s*:'),
    "insights into ships": re.compile(r'"vesselIdsWithoutIdentity"\s*:|"periodSelectedCounters"\s*:'),
    "a request and no answer": re.compile(r'"(datasets|dataset|datasetId)"\s*:\s*\[?\s*"public-(?![^"]*:v\d)'),
    "a list of ports": re.compile(r'\[\s*\{(?=[^{}]*"id"\s*:\s*"[a-z]{3}-)(?=[^{}]*"flag"\s*:)[^{}]*\}'),
}


@dataclass(frozen=True)
class Row:
    """An entry with its text, None for what is none; `dataset` names the data sets with their version, as the page
    does."""

    entry: dict[str, Any] | None
    raw: str
    dataset: str | None = None


def rows(path: Path) -> Iterator[Row]:
    """Each entry of a file; a document that is no page and no entry, and a torn one, is a row without entry.

    What no text can hold where it is kept (in Parquet, in PostgreSQL) is taken out: NUL, and halves of characters,
    which become the replacement character, as bytes do that are not UTF-8.
    """
    for document, raw in _documents(path.read_text("utf-8", "replace")):
        if "\\u" in raw:  # a half of a character comes escaped
            document, raw = _clean(document), _clean(raw)
        yield from _rows(document, raw)


def _documents(text: str) -> Iterator[tuple[Any, str]]:
    """JSON objects and lists one after another, each with its text; None for text that is none of them.

    Of a torn page or list the entries that came whole follow it, one by one; after any other torn document it goes on
    with the next line that begins like one.
    """
    decode, at = json.JSONDecoder().raw_decode, 0
    while (at := _BETWEEN.match(text, at).end()) < len(text):  # type: ignore[union-attr]
        try:
            document, end = decode(text, at) if text[at] in "[{" else (None, _line_end(text, at))
        except ValueError:
            document, end = None, _inside(text, at)
        except RecursionError:
            document, end = None, _next_begin(text, at)
        yield document, text[at:end].strip()
        at = end


def _inside(text: str, at: int) -> int:
    """Where the first entry of a torn list or page lies; where the next document does, if it is neither."""
    if text[at] == "[":
        return at + 1
    following = _next_begin(text, at)
    opened = _ENTRIES.search(text, at, following)
    return opened.end() if opened else following


def _next_begin(text: str, at: int) -> int:
    following = _BEGINS.search(text, at + 1)
    return following.start() if following else len(text)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _rows(document: Any, raw: str) -> Iterator[Row]:
    if isinstance(document, list) and any(isinstance(one, dict) for one in document):
        for one in document:
            yield from _rows(one, _text(one))
    elif isinstance(document, dict) and isinstance(document.get("entries"), list):
        dataset = _datasets(document.get("metadata"))
        for one in document["entries"]:
            yield Row(one if isinstance(one, dict) else None, _text(one), dataset)
    elif isinstance(document, dict) and _OF_AN_ENTRY & set(document):
        yield Row(document, _text(document))
    else:
        yield Row(None, raw)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _datasets(metadata: Any) -> str | None:
    named = metadata.get("datasets") if isinstance(metadata, dict) else None
    found = [one for one in named if isinstance(one, str)] if isinstance(named, list) else []
    return ", ".join(sorted(set(found))) or None


def _clean(value: Any) -> Any:
    """A JSON value with clean texts."""
    if isinstance(value, str):
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value).replace("\0", "")
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(one) for name, one in value.items()}
    return value


def is_json(beginning: str) -> bool:
    """Whether a file that begins so holds JSON documents."""
    return beginning.lstrip()[:1] in ("{", "[")


def tells_vessels(page: str) -> bool:
    """Whether a page, or its beginning, holds particulars of ships."""
    return '"selfReportedInfo"' in page or '"registryInfo' in page or '"idsFound"' in page


def is_empty(page: str) -> bool:
    """Whether a page holds no entry and has no `nextOffset` that marks it as one of events."""
    return bool(_NO_ENTRY.search(page)) and '"nextOffset"' not in page


def another_answer(beginning: str) -> str | None:
    """What of the API a file is that begins so and holds neither events nor ships; None if it is none of these."""
    return next((what for what, sign in _OTHERS.items() if sign.search(beginning)), None)


def beginning_of(path: Path) -> str:
    """As much of a file as it takes to say what it is."""
    with path.open("rb") as file:
        return file.read(_SNIFFED).decode("utf-8", "replace")


@cache
def alpha2() -> dict[str, str]:
    """ISO 3166 alpha-2 by alpha-3, and by itself."""
    from pandas import read_csv

    table = read_csv(SEEDS / "iso3166.csv", comment="#", keep_default_na=False)
    return dict(zip(table["alpha3"], table["alpha2"], strict=True)) | {code: code for code in table["alpha2"]}
