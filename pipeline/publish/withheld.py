"""Names of ships that stay in a home until an admin signs their alerts off: what leaves it says "ship 1" instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

_MOST_DIGITS = re.compile(r"[0-9]{5,}")  # an IMO number or an MMSI inside an id
_LONG = re.compile(r"[0-9]{7,}")  # an IMO number or an MMSI, and hardly anything else


@dataclass(frozen=True)
class Withheld:
    """Ships that must not be named.

    numbers  by what a ship is known by (names, call signs, IMO number, MMSI, vessel_id, all as text, capitals): the
             number that she goes by instead
    """

    numbers: Mapping[str, int]

    @classmethod
    def of(cls, known: Iterable[tuple[str, Iterable[Any]]]) -> Withheld:
        """The ships of some hulls.

        known  vessel_id, and whatever she is known by; nulls are passed over. Hulls are numbered in their order
        """
        numbers: dict[str, int] = {}
        hulls: dict[str, int] = {}
        for vessel_id, names in known:
            number = hulls.setdefault(vessel_id, len(hulls) + 1)
            for name in (vessel_id, *names):
                text = str(name if name is not None else "").strip().upper()
                if len(text) > 1:
                    numbers.setdefault(text, number)
        return cls(numbers)

    def __bool__(self) -> bool:
        return bool(self.numbers)

    def hide(self, value: Any, field: str = "") -> Any:
        """The value, and all within it, without these names; numbers of ships are their new ones, IMO numbers None.

        value  plain values, in whatever lists and dictionaries; anything else is given back as it is
        """
        if not self.numbers:
            return value
        if isinstance(value, str):
            return self._pattern.sub(lambda found: f"ship {self.numbers[found[0].upper()]}", value)
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int):
            number = self.numbers.get(str(value))
            return value if number is None else None if field.endswith("imo") else number
        if isinstance(value, Mapping):
            by = {name: self.hide(name) if _is_name(name) else name for name in value}
            return {by[name]: self.hide(one, str(name)) for name, one in value.items()}
        if isinstance(value, list | tuple) and type(value) in (list, tuple):
            return type(value)(self.hide(one, field) for one in value)
        return value

    def hide_rows(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Rows without these names, whatever their columns are called; the columns keep their names."""
        return [{name: self.hide(one, name) for name, one in row.items()} for row in rows]

    def hide_frame(self, rows: DataFrame) -> DataFrame:
        """Rows without these names: their texts, and their columns of MMSIs and IMO numbers."""
        from pandas import Series
        from pandas.api.types import is_object_dtype, is_string_dtype

        found = {
            name: Series([self.hide(one, name) for one in column.astype(object).where(column.notna(), None)],
                         index=column.index, dtype=column.dtype)
            for name, column in rows.items()
            if self.numbers
            and (is_string_dtype(column) or is_object_dtype(column) or str(name).endswith(("mmsi", "imo")))
        }  # fmt: skip
        return rows.assign(**found)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.numbers, key=len, reverse=True)
        words = [rf"(?<![0-9A-Za-z])(?:{'|'.join(map(re.escape, longest_first))})(?![0-9A-Za-z])"]
        if numbers := [one for one in longest_first if _LONG.fullmatch(one)]:  # also where letters touch it: IMO8628597
            words.append(rf"(?<![0-9])(?:{'|'.join(numbers)})(?![0-9])")
        return re.compile("|".join(words), re.IGNORECASE)


def _is_name(key: Any) -> bool:
    """Whether a key is one by a ship, and no name of a column."""
    return isinstance(key, str) and (bool(_MOST_DIGITS.search(key)) or not re.fullmatch("[a-z_]+", key))
