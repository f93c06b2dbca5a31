"""Damage that any file may take: bytes and lines, as editors, loggers, transfers and copy-and-paste change them."""

# ruff: noqa: E501 (lists of odd values)

from __future__ import annotations

from collections.abc import Callable
from random import Random

Mutation = Callable[[bytes, bytes, Random], bytes]  # the file, another one, chance

ODD_VALUES = (
    b"", b" ", b"nan", b"NaN", b"inf", b"-Infinity", b"1e30", b"-1e30", b"1e-320", b"0", b"-0.0", b"-1", b"1.5", b"15",
    b"91", b"181", b"-910", b"255", b"256", b"32768", b"2147483648", b"99999999999999999999", b"-99999999999999999999",
    b"9223372036854775808", b"NULL", b"null", b"None", b"NA", b"N/A", b"\\N", b"#N/A", b"-", b"?", b"unknown", b"true",
    b"0x1F", b"1_000", b"1,5", b"1.234,5", b"4.45E+08", b"445000001.0", b" 445000001 ", b"+445000001", b"0445000001",
    b"IMO 9562233", b"imo9562233 ", b"IMO-9562233", b"02312342", b"2023-11-15T07:13:20+09:00", b"2023-11-15 07:13:20 KST",
    b"2023-11-15", b"15/11/2023 07:13", b"0000-00-00 00:00:00", b"9999-12-31 23:59:59.999999", b"2023-02-30 00:00:00",
    b"290000-01-01 00:00:00", b"-4000-01-01", b"infinity", b"-infinity", b"epoch", b"24:00:00", b"1700032400",
    b"1700032400000", b"1700032400000000000", b"-62135596800", b"253402300800", b"[]", b"{}", b"[1]", b'{"a": 1}',
    b'"', b'""', b'"a', b"'", b";", b"--", b"*", b"\\", b"!", b"$", b"@@@", b"<", b"&", b"&amp;", b"%s", b"{0}", b"\t",
    b"\0", b"\x0b", b"\x1a", b"\x85", b"\r", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", "é".encode(), "é".encode("latin-1"),
    "１２３".encode(), "٣".encode(), "−1".encode(), "\u00a0".encode(), "\u2028".encode(), "남포".encode(), "😀".encode(),
    b"\\u0000", b"\\ud800", b"A" * 300, b"9" * 400,
)  # fmt: skip
_ENDS = (b"\n", b"\r\n", b"\r", b"\n\n", b"\r\r\n", b"\n\r", "\u2028".encode(), b"")
DELIMITERS = (b",", b";", b"\t", b"|", b" ", b", ")


# ------------------------------------------------------------------------------------------------------------ bytes


def _byte_changed(data: bytes, other: bytes, chance: Random) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    new = chance.randrange(256) if chance.random() < 0.4 else chance.choice(b",;\t\"'\\\r\n *!$09.-:ZT{}[]<>&\0")
    return data[:at] + bytes([new]) + data[at + 1 :]


def _bytes_cut(data: bytes, other: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[at + chance.choice((1, 1, 1, 2, 5, 20)) :]


def _bytes_put_in(data: bytes, other: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(ODD_VALUES) + data[at:]


def _torn(data: bytes, other: bytes, chance: Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _begun_late(data: bytes, other: bytes, chance: Random) -> bytes:
    return data[chance.randrange(len(data) + 1) :]


def _begun_oddly(data: bytes, other: bytes, chance: Random) -> bytes:
    return chance.choice((b"\xef\xbb\xbf", b" ", b"\n", b"\r\n", b"\0", b"#\n", b"sep=,\n", b"\xff\xfe")) + data


def _ended_oddly(data: bytes, other: bytes, chance: Random) -> bytes:
    end = chance.choice((b"\n", b"\r", b"\0", b"\x1a", b" ", b"\n\n\n", b'"', b",", b"\n]", b"\0" * 50))
    return (data.rstrip() if chance.random() < 0.5 else data) + end


def _encoded(data: bytes, other: bytes, chance: Random) -> bytes:
    encoding = chance.choice(("utf-16", "utf-16-le", "latin-1", "cp949", "utf-8-sig", "utf-7"))
    return data.decode("utf-8", "replace").replace("K", "é", 1).encode(encoding, "replace")


def _no_blanks(data: bytes, other: bytes, chance: Random) -> bytes:
    return data.replace(b" ", chance.choice((b"", b"\xc2\xa0", b"  ", b"\t")))


# ------------------------------------------------------------------------------------------------------------ lines


def _with_lines(change: Callable[[list[bytes], Random], None]) -> Mutation:
    def mutation(data: bytes, other: bytes, chance: Random) -> bytes:
        lines = data.splitlines(keepends=True)
        if not lines:
            return data
        change(lines, chance)
        return b"".join(lines)

    return mutation


def _cut_lines(lines: list[bytes], chance: Random) -> None:
    at = chance.randrange(len(lines))
    del lines[at : at + chance.choice((1, 1, 1, 2, 3))]


def _double_line(lines: list[bytes], chance: Random) -> None:
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))


def _swap_lines(lines: list[bytes], chance: Random) -> None:
    a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]


def _join_lines(lines: list[bytes], chance: Random) -> None:
    at = chance.randrange(len(lines))
    lines[at] = lines[at].rstrip(b"\r\n") + chance.choice((b"", b"", b" ", b","))


def _break_line(lines: list[bytes], chance: Random) -> None:
    at = chance.randrange(len(lines))
    line = lines[at]
    cut = chance.randrange(len(line) + 1)
    lines[at] = line[:cut] + chance.choice(_ENDS[:3]) + line[cut:]


def _end_line_otherwise(lines: list[bytes], chance: Random) -> None:
    at = chance.randrange(len(lines))
    lines[at] = lines[at].rstrip(b"\r\n") + chance.choice(_ENDS)


def _end_all_lines_otherwise(lines: list[bytes], chance: Random) -> None:
    end = chance.choice(_ENDS)
    lines[:] = [line.rstrip(b"\r\n") + end for line in lines]


def _lead_line(lines: list[bytes], chance: Random) -> None:
    at = chance.randrange(len(lines))
    lead = (
        b" ",
        b"\t",
        b"2023-11-15 07:13:20 ",
        b"[INFO] ",
        b"> ",
        b'"',
        b"\xef\xbb\xbf",
        b",",
        b"# ",
        b"data: ",
        b"1700032400 ",
    )
    lines[at] = chance.choice(lead) + lines[at]


def _lead_all_lines(lines: list[bytes], chance: Random) -> None:
    lead = chance.choice((b" ", b"2023-11-15 07:13:20 ", b"data: ", b"1700032400.5 ", b"\t"))
    lines[:] = [lead + line for line in lines]


def _blank_line(lines: list[bytes], chance: Random) -> None:
    lines.insert(chance.randrange(len(lines) + 1), chance.choice((b"\n", b"\r\n", b" \n", b",\n", b"\t\n", b"\r")))


def _other_line(data: bytes, other: bytes, chance: Random) -> bytes:
    lines, others = data.splitlines(keepends=True), other.splitlines(keepends=True)
    if others:
        lines.insert(chance.randrange(len(lines) + 1), chance.choice(others))
    return b"".join(lines)


def _other_file_after(data: bytes, other: bytes, chance: Random) -> bytes:
    return data + other if chance.random() < 0.7 else data.rstrip(b"\r\n") + other


BYTES: dict[str, Mutation] = {
    "byte changed": _byte_changed, "bytes cut": _bytes_cut, "bytes put in": _bytes_put_in, "torn": _torn,
    "begun late": _begun_late, "begun oddly": _begun_oddly, "ended oddly": _ended_oddly, "encoded": _encoded,
    "no blanks": _no_blanks,
}  # fmt: skip
LINES: dict[str, Mutation] = {
    "lines cut": _with_lines(_cut_lines), "line doubled": _with_lines(_double_line),
    "lines swapped": _with_lines(_swap_lines), "lines joined": _with_lines(_join_lines),
    "line broken": _with_lines(_break_line), "line ended otherwise": _with_lines(_end_line_otherwise),
    "all lines ended otherwise": _with_lines(_end_all_lines_otherwise), "line led": _with_lines(_lead_line),
    "all lines led": _with_lines(_lead_all_lines), "blank line": _with_lines(_blank_line), "other line": _other_line,
    "other file after": _other_file_after,
}  # fmt: skip
