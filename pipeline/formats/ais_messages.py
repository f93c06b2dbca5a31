"""AIS messages (ITU-R M.1371-6): the fields we read of each type, decoded for many payloads at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Field:
    """A field of a message: first bit, width in bits, and how it is read; `per_unit` is steps to the unit."""

    start: int
    width: int
    signed: bool = False
    per_unit: int = 1
    text: bool = False


def _dimensions(start: int) -> dict[str, Field]:
    return {
        "bow": Field(start, 9),
        "stern": Field(start + 9, 9),
        "port": Field(start + 18, 6),
        "starboard": Field(start + 24, 6),
    }


_CLASS_A_POSITION = {
    "nav_status": Field(38, 4),
    "sog_kn": Field(50, 10, per_unit=10),
    "longitude": Field(61, 28, signed=True, per_unit=600_000),
    "latitude": Field(89, 27, signed=True, per_unit=600_000),
    "cog_deg": Field(116, 12, per_unit=10),
    "heading_deg": Field(128, 9),
    "second": Field(137, 6),
}
_CLASS_B_POSITION = {
    "sog_kn": Field(46, 10, per_unit=10),
    "longitude": Field(57, 28, signed=True, per_unit=600_000),
    "latitude": Field(85, 27, signed=True, per_unit=600_000),
    "cog_deg": Field(112, 12, per_unit=10),
    "heading_deg": Field(124, 9),
    "second": Field(133, 6),
}
_CLASS_B_STATIC = {"name": Field(143, 120, text=True), "ship_type": Field(263, 8)} | _dimensions(271)
_CLASS_A_STATIC = {
    "imo": Field(40, 30),
    "call_sign": Field(70, 42, text=True),
    "name": Field(112, 120, text=True),
    "ship_type": Field(232, 8),
    "draught_m": Field(294, 8, per_unit=10),
    "destination": Field(302, 120, text=True),
} | _dimensions(240)
_LONG_RANGE = {
    "nav_status": Field(40, 4),
    "longitude": Field(44, 18, signed=True, per_unit=600),
    "latitude": Field(62, 17, signed=True, per_unit=600),
    "sog_kn": Field(79, 6),
    "cog_deg": Field(85, 9),
}
_STATIC_PART_A = {"name": Field(40, 120, text=True)}
_STATIC_PART_B = {"ship_type": Field(40, 8), "call_sign": Field(90, 42, text=True)} | _dimensions(132)

TYPE, MMSI, PART_NUMBER = Field(0, 6), Field(8, 30), Field(38, 2)

# (message type, part number or None) -> transceiver class and fields. Base stations (4), SAR aircraft (9) and aids to
# navigation (21, and 28 since M.1371-6) are no ships, and what other types carry is neither position nor static data of
# their sender: they are not read.
MESSAGES: dict[tuple[int, int | None], tuple[str, dict[str, Field]]] = {
    (1, None): ("A", _CLASS_A_POSITION),
    (2, None): ("A", _CLASS_A_POSITION),
    (3, None): ("A", _CLASS_A_POSITION),
    (5, None): ("A", _CLASS_A_STATIC),
    (18, None): ("B", _CLASS_B_POSITION),
    (19, None): ("B", _CLASS_B_POSITION | _CLASS_B_STATIC),
    (24, 0): ("B", _STATIC_PART_A),
    (24, 1): ("B", _STATIC_PART_B),
    (27, None): ("", _LONG_RANGE),
}
TEXT_WIDTHS = {"call_sign": 7, "name": 20, "destination": 20}
NUMBERS = ("longitude", "latitude", "sog_kn", "cog_deg", "heading_deg", "nav_status", "imo", "ship_type",
           "length_m", "width_m", "draught_m", "second")  # fmt: skip
LAST_TYPE = 28
LONGEST = 71  # characters of the longest message read (type 5, 424 bits)

_SIXBIT = np.full(256, 255, dtype=np.uint8)
_SIXBIT[48:88] = np.arange(40)
_SIXBIT[96:120] = np.arange(40, 64)


def decode(payloads: Bytes, bits: NDArray[np.int64]) -> dict[str, NDArray]:
    """Decode payloads to an array per field; NaN or an empty text where a message has no such field.

    payloads   armoured characters, one row a message, zero-padded; at least LONGEST columns wide
    bits       number of bits of each message

    returns    type, mmsi (-1 where unreadable), NUMBERS (float), TEXT_WIDTHS (bytes), transceiver_class (bytes),
               readable (bool: every field that we read is there, but for the last character of a text at the end, in
               legal characters). Values are as sent, sentinels
               too, except that "no speed" of type 27 (63) is given as that of the others (102.3).
    """
    count = len(payloads)
    sixbits = _SIXBIT[payloads]
    used = np.arange(payloads.shape[1])[None, :] * 6 < bits[:, None]
    legal = ~((sixbits == 255) & used).any(axis=1) & (bits >= 38)
    sixbits = np.where(used, sixbits, 0)
    kind = np.where(legal, _unsigned(sixbits, TYPE), 0)
    values: dict[str, NDArray] = {name: np.full(count, np.nan) for name in NUMBERS}
    values |= {name: np.zeros(count, dtype=f"S{width}") for name, width in TEXT_WIDTHS.items()}
    values["type"] = kind
    values["mmsi"] = np.where(legal, _unsigned(sixbits, MMSI), -1)
    values["transceiver_class"] = np.zeros(count, dtype="S1")
    values["readable"] = legal & (kind >= 1) & (kind <= LAST_TYPE)
    part_number = _unsigned(sixbits, PART_NUMBER)
    for (message, part), (transceiver, fields) in MESSAGES.items():
        rows = np.flatnonzero((kind == message) & ((part_number == part) if part is not None else True))
        if rows.size:
            enough = bits[rows] >= max(_needed(field) for field in fields.values())
            values["readable"][rows] &= enough
            rows = rows[enough]
            values["transceiver_class"][rows] = transceiver.encode()
            _decode_fields(values, sixbits[rows], bits[rows], rows, fields)
    slow = np.flatnonzero((kind == 27) & (values["sog_kn"] == 63))
    values["sog_kn"][slow] = 102.3
    return values


def _needed(field: Field) -> int:
    """Bits that a message must have to be read: of a text at its end the last character may be cut.

    Class A's static data have 424 bits; many transmitters leave the spare ones out, and some send 420.
    """
    return field.start + field.width - (6 if field.text else 0)


def _decode_fields(
    values: dict[str, NDArray], sixbits: Bytes, bits: NDArray, rows: NDArray, fields: dict[str, Field]
) -> None:
    numbers: dict[str, NDArray] = {}
    for name, field in fields.items():
        if field.text:
            values[name][rows] = _text(sixbits, bits, field)
        else:
            steps = _signed(sixbits, field) if field.signed else _unsigned(sixbits, field)
            numbers[name] = steps / field.per_unit
    if "bow" in numbers:
        numbers["length_m"] = numbers.pop("bow") + numbers.pop("stern")
        numbers["width_m"] = numbers.pop("port") + numbers.pop("starboard")
    for name, number in numbers.items():
        values[name][rows] = number


def _unsigned(sixbits: Bytes, field: Field) -> NDArray[np.int64]:
    first, last = field.start // 6, (field.start + field.width - 1) // 6
    number = np.zeros(len(sixbits), dtype=np.int64)
    for at in range(first, last + 1):
        number = (number << 6) | sixbits[:, at]
    return (number >> (6 * (last + 1) - field.start - field.width)) & ((1 << field.width) - 1)


def _signed(sixbits: Bytes, field: Field) -> NDArray[np.int64]:
    number = _unsigned(sixbits, field)
    return number - ((number >> (field.width - 1)) << field.width)


def _text(sixbits: Bytes, bits: NDArray, field: Field) -> NDArray[np.bytes_]:
    letters = field.width // 6
    codes = np.stack([_unsigned(sixbits, Field(field.start + 6 * at, 6)) for at in range(letters)], axis=1)
    codes[:, -1] = np.where(bits < field.start + field.width, 0, codes[:, -1])  # half a character is none
    ascii_codes = np.where(codes < 32, codes + 64, codes).astype(np.uint8)
    return np.ascontiguousarray(ascii_codes).view(f"S{letters}")[:, 0]
