"""Sentences: templates of knowledge files filled with what a case says."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any


class _Sentence(Formatter):
    """`str.format` in which what is not known reads "not reported"."""

    def format_field(self, value: Any, format_spec: str) -> str:
        from pandas import isna

        return "not reported" if isna(value) else str(super().format_field(value, format_spec))


def fill(template: str, case: Mapping[Any, Any]) -> str:
    """The sentence(s) of a template for one case."""
    return " ".join(_Sentence().vformat(template, (), case).split())


def named_fields(*templates: str) -> set[str]:
    """The names that templates ask for."""
    return {
        field.split(".")[0] for text in templates for _, field, _, _ in Formatter().parse(text) if field is not None
    }
