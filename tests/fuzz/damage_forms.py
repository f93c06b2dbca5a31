"""Damage that a form may take: cells of tables, values of JSON, XML and YAML, fields of sentences."""

# ruff: noqa: E501 (lists of odd values)

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from tests.fuzz.damage import DELIMITERS, ODD_VALUES, Mutation

_VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|\btrue\b|\bfalse\b|\bnull\b')
_PAIR = re.compile(rb'"[^"\\]*"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|\{[^{}]*\}|\[[^\[\]]*\])\s*,?')
_TEXT = re.compile(rb'>([^<>]+)<|="([^"<>]*)"')
_ELEMENT = re.compile(rb"<(\w+)(?:\s[^<>]*)?>[^<>]*</\1>|<\w+[^<>]*/>")
_TAG = re.compile(rb"([a-z]:)([^,*\\]*)")
_PAYLOAD = b"0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"


# ------------------------------------------------------------------------------------------------------------ cells


def _with_cells(change: Callable[[list[list[bytes]], bytes, Random], bytes | None]) -> Mutation:
    """Change the cells of a delimited file by its likeliest delimiter; quotes are not minded, as few editors do."""

    def mutation(data: bytes, other: bytes, chance: Random) -> bytes:
        lines = data.splitlines(keepends=True)
        if not lines:
            return data
        ends = [line[len(line.rstrip(b"\r\n")) :] for line in lines]
        delimiter = max(DELIMITERS[:4], key=lines[0].count)
        table = [line.rstrip(b"\r\n").split(delimiter) for line in lines]
        with_delimiter = change(table, delimiter, chance) or delimiter
        return b"".join(with_delimiter.join(row) + end for row, end in zip(table, ends, strict=True))

    return mutation


def _odd_cell(table: list[list[bytes]], delimiter: bytes, chance: Random) -> None:
    row = chance.choice(table[1:] or table)
    at = chance.randrange(len(row))
    value = chance.choice(ODD_VALUES)
    row[at] = value if chance.random() < 0.7 else chance.choice((row[at] + value, value + row[at]))


def _odd_column(table: list[list[bytes]], delimiter: bytes, chance: Random) -> None:
    at, value = chance.randrange(len(table[0])), chance.choice(ODD_VALUES)
    for row in table[1:]:
        if at < len(row):
            row[at] = value


def _cells_swapped(table: list[list[bytes]], delimiter: bytes, chance: Random) -> None:
    row = chance.choice(table)
    a, b = chance.randrange(len(row)), chance.randrange(len(row))
    row[a], row[b] = row[b], row[a]


def _columns_swapped(table: list[list[bytes]], delimiter: bytes, chance: Random) -> None:
    a, b = chance.randrange(len(table[0])), chance.randrange(len(table[0]))
    for row in table[chance.randrange(2) :]:
        if max(a, b) < len(row):
            row[a], row[b] = row[b], row[a]


def _column_cut(table: list[list[bytes]], delimiter: bytes, chance: Random) -> None:
    at = chance.randrange(len(table[0]))
    for row in table:
        del row[at : at + 1]


def _column_added(table: list[list[bytes]], delimiter: bytes, chance: Random) -> None:
    at = chance.choice((0, len(table[0])))
    name = chance.choice((b"", b'""', b"index", b"Unnamed: 0", table[0][0], table[0][-1].upper(), b" "))
    for number, row in enumerate(table):
        row.insert(at, b"%d" % number if number else name)


def _cell_count(table: list[list[bytes]], delimiter: bytes, chance: Random) -> None:
    row = chance.choice(table)
    if chance.random() < 0.5:
        del row[chance.randrange(len(row))]
    else:
        row.insert(chance.randrange(len(row) + 1), chance.choice(ODD_VALUES))


def _name_changed(table: list[list[bytes]], delimiter: bytes, chance: Random) -> None:
    names = table[0]
    at = chance.randrange(len(names))
    names[at] = chance.choice(
        (
            b"", b" ", names[at].upper(), names[at].lower(), b" " + names[at], names[at] + b" ", b'"%b"' % names[at],
            chance.choice(names), chance.choice(names).upper(), chance.choice(ODD_VALUES), names[at] + b"_1",
        )
    )  # fmt: skip


def _no_header(table: list[list[bytes]], delimiter: bytes, chance: Random) -> None:
    table[0][:] = table[-1]


def _blanks_after_delimiters(table: list[list[bytes]], delimiter: bytes, chance: Random) -> bytes:
    return delimiter + b" "


def _other_delimiter(table: list[list[bytes]], delimiter: bytes, chance: Random) -> bytes:
    return chance.choice(DELIMITERS)


def _decimal_commas(table: list[list[bytes]], delimiter: bytes, chance: Random) -> bytes:
    for row in table[1:]:
        row[:] = [re.sub(rb"^(-?\d+)\.(\d+)$", rb"\1,\2", cell) for cell in row]
    return b";"


def _quoted(table: list[list[bytes]], delimiter: bytes, chance: Random) -> None:
    whole = chance.random() < 0.5
    for row in table if whole else [chance.choice(table)]:
        row[:] = [b'"%b"' % cell for cell in row]


def _quote_opened(table: list[list[bytes]], delimiter: bytes, chance: Random) -> None:
    row = chance.choice(table)
    at = chance.randrange(len(row))
    row[at] = chance.choice((b'"' + row[at], row[at] + b'"', b'"' + row[at] + b"\r\n" + row[at] + b'"', b'a"b'))


# ------------------------------------------------------------------------------------------------- JSON, XML, YAML


def _replaced(data: bytes, found: list[re.Match[bytes]], group: int, value: bytes, chance: Random) -> bytes:
    if not found:
        return data
    match = chance.choice(found)
    return data[: match.start(group)] + value + data[match.end(group) :]


def _json_value(data: bytes, other: bytes, chance: Random) -> bytes:
    value = chance.choice(ODD_VALUES)
    if (
        chance.random() < 0.6 and not re.fullmatch(rb"-?\d[\d.e]*|true|null|\[.*\]|\{.*\}|-Infinity|NaN", value)
    ) or chance.random() < 0.3:
        value = b'"%b"' % value.replace(b'"', b'\\"')
    return _replaced(data, list(_VALUE.finditer(data)), 0, value, chance)


def _json_pair_value(data: bytes, other: bytes, chance: Random) -> bytes:
    value = chance.choice(
        (b"null", b"[]", b"{}", b'""', b"0", b"-1", b"1e400", b"true", b'"x"', b"[null]", b"[{}]", b"[[]]")
    )
    return _replaced(data, list(_PAIR.finditer(data)), 1, value, chance)


def _json_pair_cut(data: bytes, other: bytes, chance: Random) -> bytes:
    return _replaced(data, list(_PAIR.finditer(data)), 0, b"", chance)


def _json_pair_doubled(data: bytes, other: bytes, chance: Random) -> bytes:
    found = list(_PAIR.finditer(data))
    if not found:
        return data
    match, after = chance.choice(found), chance.choice(found)
    return data[: after.start()] + match.group().rstrip(b", ") + b", " + data[after.start() :]


def _json_values_swapped(data: bytes, other: bytes, chance: Random) -> bytes:
    found = list(_PAIR.finditer(data))
    if len(found) < 2:
        return data
    a, b = sorted(chance.sample(found, 2), key=lambda match: match.start())
    return data[: a.start(1)] + b[1] + data[a.end(1) : b.start(1)] + a[1] + data[b.end(1) :]


def _json_spread(data: bytes, other: bytes, chance: Random) -> bytes:
    return chance.choice((data.replace(b",", b",\n"), data.replace(b"{", b"{\r\n  "), data.replace(b'":', b'" : ')))


def _json_wrapped(data: bytes, other: bytes, chance: Random) -> bytes:
    before, after = chance.choice(
        ((b"[", b"]"), (b'{"data": ', b"}"), (b"[[", b"]]"), (b"{", b"}"), (b"[" * 3000, b""))
    )
    return before + data.rstrip() + after + b"\n"


def _xml_value(data: bytes, other: bytes, chance: Random) -> bytes:
    found = list(_TEXT.finditer(data))
    if not found:
        return data
    match = chance.choice(found)
    group = 1 if match[1] is not None else 2
    return _replaced(data, [match], group, chance.choice(ODD_VALUES), chance)


def _xml_element(data: bytes, other: bytes, chance: Random) -> bytes:
    found = list(_ELEMENT.finditer(data))
    if not found:
        return data
    element = chance.choice(found).group()
    change = chance.choice((b"", element + element, b"<!-- " + element + b" -->", b"<x>" + element + b"</x>"))
    return data.replace(element, change, 1)


def _xml_values_swapped(data: bytes, other: bytes, chance: Random) -> bytes:
    found = [match for match in _TEXT.finditer(data) if match[1] is not None]
    if len(found) < 2:
        return data
    a, b = sorted(chance.sample(found, 2), key=lambda match: match.start())
    return data[: a.start(1)] + b[1] + data[a.end(1) : b.start(1)] + a[1] + data[b.end(1) :]


def _xml_renamed(data: bytes, other: bytes, chance: Random) -> bytes:
    names = sorted(set(re.findall(rb"</(\w+)>", data)))
    if not names:
        return data
    name = chance.choice(names)
    return re.sub(rb"(</?)%b\b" % name, rb"\1" + chance.choice((name.lower(), b"x", b"ns:" + name)), data)


def _yaml_value(data: bytes, other: bytes, chance: Random) -> bytes:
    words = (
        *ODD_VALUES,
        b"unix_seconds", b"unix_milliseconds", b"unix_microseconds", b"iso", b'"%Y-%m-%d %H:%M:%S"', b'"%"', b'"%Q %z"',
        b"[0]", b'["NA", 0, 15]', b'[""]', b"[nan]", b"[.nan]", b"[1e30]", b"[null]", b"[true]", b"[2023-01-01]", b"m/s",
        b"km/h", b"dm", b"deg", b"1/600000 deg", b"furlong", b"shore", b"A", b'"\\t"', b'""', b'"||"', b"{from: id}", b"~",
        b"&a [*a]", b"!!python/object:os.system {}", b"2023-01-01", b"when", b"id", b"[other, \"\"]", b"ID", b"x",
    )  # fmt: skip
    found = list(re.finditer(rb"(?<=[:\[,] )([^,{}\[\]\n]+)|\{[^{}\n]*\}|\[[^\[\]\n]*\]", data))
    return _replaced(data, found, 0, chance.choice(words), chance)


def _yaml_name(data: bytes, other: bytes, chance: Random) -> bytes:
    names = (b"mmsi", b"timestamp", b"name", b"imo", b"receiver", b"transceiver_class", b"hint", b"from", b"unit", b"",
             b"null_values", b"format", b"mapping", b"delimiter", b"ignored", b"constants", b"columns", b"true", b"1")  # fmt: skip
    return _replaced(data, list(re.finditer(rb"\b(\w+)(?=:)", data)), 1, chance.choice(names), chance)


# -------------------------------------------------------------------------------------------------------- sentences


def _payload_changed(data: bytes, other: bytes, chance: Random) -> bytes:
    found = list(re.finditer(rb"(?<=,)[0-9:-w]{6,}(?=,[0-5])", data))
    if not found:
        return data
    match = chance.choice(found)
    payload = bytearray(match.group())
    for _ in range(chance.choice((1, 1, 2, 8))):
        payload[chance.randrange(len(payload))] = chance.choice(_PAYLOAD)
    change = chance.choice((0, 0, 0, 1, 2))
    if change:
        payload = payload[: chance.randrange(len(payload))] if change == 1 else payload * 2
    if chance.random() < 0.3 and payload:
        payload[0] = chance.choice(_PAYLOAD)  # the type
    return data[: match.start()] + bytes(payload) + data[match.end() :]


def _sentence_field(data: bytes, other: bytes, chance: Random) -> bytes:
    found = list(re.finditer(rb"(?<=,)[^,*\r\n\\]*(?=[,*])", data))
    value = chance.choice((*ODD_VALUES, b"0", b"1", b"2", b"9", b"10", b"A", b"B", b"5"))
    return _replaced(data, found, 0, value, chance)


def _tag_value(data: bytes, other: bytes, chance: Random) -> bytes:
    values = (*ODD_VALUES, b"1-2-7", b"2-2-7", b"2-1-7", b"1-99-7", b"0-0-0", b"1-2-12345678901234567890", b"1668038400",
              b"1668038400123", b"1668038400123456", b"99999999999", b"-1", b"1668038400.5", b"s" * 40)  # fmt: skip
    return _replaced(data, list(_TAG.finditer(data)), 2, chance.choice(values), chance)


def _tag_added(data: bytes, other: bytes, chance: Random) -> bytes:
    tag = chance.choice(
        (
            b"c:1668038400",
            b"s:x",
            b"g:1-2-7",
            b"c:",
            b"",
            b"g:1-2",
            b"n:1",
            b"t:text, with",
            b"c:1668038400,s:a,g:2-2-7",
        )
    )
    at = chance.choice([match.start() for match in re.finditer(rb"[!$\\]", data)] or [0])
    return data[:at] + b"\\%b*00\\" % tag + data[at:]


def _suffix_added(data: bytes, other: bytes, chance: Random) -> bytes:
    suffix = (
        b",1668038400",
        b",r003669987,1152921693",
        b",rABC,-910",
        b",",
        b",99999999999999999999",
        b"  ",
        b",s10,d-085,T23.4",
    )
    found = list(re.finditer(rb"\*[0-9A-F]{2}()(?=\r?$)", data, re.MULTILINE))
    return _replaced(data, found, 1, chance.choice(suffix), chance)


CELLS: dict[str, Mutation] = {
    "odd cell": _with_cells(_odd_cell), "odd column": _with_cells(_odd_column),
    "cells swapped": _with_cells(_cells_swapped), "columns swapped": _with_cells(_columns_swapped),
    "column cut": _with_cells(_column_cut), "column added": _with_cells(_column_added),
    "cell count": _with_cells(_cell_count), "name changed": _with_cells(_name_changed),
    "no header": _with_cells(_no_header), "blanks after delimiters": _with_cells(_blanks_after_delimiters),
    "other delimiter": _with_cells(_other_delimiter), "decimal commas": _with_cells(_decimal_commas),
    "quoted": _with_cells(_quoted), "quote opened": _with_cells(_quote_opened),
}  # fmt: skip
JSON: dict[str, Mutation] = {
    "JSON value": _json_value, "JSON pair's value": _json_pair_value, "JSON pair cut": _json_pair_cut,
    "JSON pair doubled": _json_pair_doubled, "JSON values swapped": _json_values_swapped, "JSON spread": _json_spread,
    "JSON wrapped": _json_wrapped,
}  # fmt: skip
XML: dict[str, Mutation] = {
    "XML value": _xml_value, "XML element": _xml_element, "XML values swapped": _xml_values_swapped,
    "XML renamed": _xml_renamed,
}  # fmt: skip
YAML: dict[str, Mutation] = {"YAML value": _yaml_value, "YAML name": _yaml_name}
SENTENCES: dict[str, Mutation] = {
    "payload changed": _payload_changed, "sentence field": _sentence_field, "tag value": _tag_value,
    "tag added": _tag_added, "suffix added": _suffix_added,
}  # fmt: skip
