"""Times as NMEA logs write them, in microseconds since 1970 (UTC).

A time that is not there is NO_TIME; one that is there and not understood is BAD_TIME, so that nobody takes another's.
A time of day without a date is one of 1970-01-01 until a `Clock` gives it its day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.formats.nmea_bytes import Block, Offsets, Span, byte_at, find_commas, matrix, whole_number

NO_TIME = np.iinfo(np.int64).min
BAD_TIME = NO_TIME + 1

_DAY_US = 86_400_000_000
_FIRST_S = 883_612_800  # 1998: a number before it is no time of AIS
_PER_UNIT = {9: 10**6, 10: 10**6, 12: 1000, 13: 1000, 15: 1, 16: 1}  # digits since 1970 -> microseconds to the unit
_LONGEST = 200  # bytes of a text that are searched for a time

_FRACTION = r"(?:\.(?P<fraction>\d{1,9})|,(?P<milli>\d{3}))?"
_CLOCK = r"[:.-]?(?P<minute>\d{2})[:.-]?(?P<second>\d{2})" + _FRACTION + r"(?P<rest>\D.*|$)"
_YEAR_FIRST = r"(?:^|\D)(?P<year>\d{4})[-/.]?(?P<month>\d{2})[-/.]?(?P<day>\d{2})[T _,-]*(?P<hour>\d{2})" + _CLOCK
_YEAR_LAST = (
    r"(?:^|\D)(?P<day>\d{1,2})(?P<mark>[-/. ])(?P<month>\d{1,2}|[A-Za-z]{3})[-/. ](?P<year>\d{4})"
    r"[T _,]+(?P<hour>\d{1,2})" + _CLOCK
)
_OF_DAY = r"^[^\w+-]*(?P<hour>\d{1,2}):(?P<minute>\d{2}):(?P<second>\d{2})" + _FRACTION + r"Z?[^\w+-]*$"
_SINCE_1970 = r"(?:^|[^\w.:/-])(?P<number>\d{10}(?:\d{3}|\d{6}|\d{9})?(?:\.\d{1,9})?)(?:$|\W)"
_AFTER_CLOCK = (
    r"^\s*(?P<half>[AaPp][Mm]\b)?"
    r"(?:\s*(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})(?:\D|$)|(?P<mark>[+-])(?P<whole>\d{2})(?:\D|$)"
    r"|\s*(?P<name>[ACEHJKMNPBIW]ST|[ACEMNPH]DT|[CEW]E[ST]|[CEW]EST|MSK|HKT|SGT|local)\b"
    r"|\s*(?P<place>(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific|US)/[A-Z]"
    r"|\xe2\x88\x92\d{2}))?"  # of a region, or behind a typographer's minus
)
_LIKE_A_TIME = r"\d:\d\d|\d[-/]\d{1,2}[-/]\d|(?:^|\D)\d{8}(?:\D|$)|\d{10}"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def since_1970(block: Block, span: Span) -> NDArray[np.int64]:
    """Numbers of seconds, milliseconds, microseconds or nanoseconds since 1970, with or without a fraction."""
    value, count = whole_number(block, span)
    fraction = _fraction_us(block, Span(span.start + count, span.end))
    value, count = np.where(count == 19, value // 1000, value), np.where(count == 19, 16, count)
    per_unit = np.zeros(len(value), dtype=np.int64)
    for digits, scale in _PER_UNIT.items():
        per_unit[count == digits] = scale
    whole_us = np.where(per_unit > 0, value, 0).astype(np.int64) * per_unit
    good = (per_unit > 0) & (fraction >= 0) & (whole_us >= _FIRST_S * 1_000_000)
    found = np.where(good, whole_us + fraction * per_unit // 1_000_000, BAD_TIME)
    return np.where(span.end > span.start, found, NO_TIME)


def written(texts: pa.BinaryArray) -> NDArray[np.int64]:
    """The first time in each text, such as `[2023-11-15 07:13:20]`, `1700000000.5,` or `timestamp: 20231115071320)`.

    A time without a zone is UTC; with an offset it is converted; a text that is a time of day and no more is one of
    1970-01-01. BAD_TIME for what looks like a time but is of another
    form, of no calendar day, of a zone given by name, or of a day and month that could be either way round.
    """
    texts = pc.binary_slice(texts, 0, _LONGEST) if len(texts) else texts
    found = np.where(_matches(texts, _LIKE_A_TIME), BAD_TIME, NO_TIME)
    forms = ((_dated, _YEAR_FIRST), (_dated, _YEAR_LAST), (_since_1970_in, _SINCE_1970), (_of_day, _OF_DAY))
    for read, form in forms:
        rows = np.flatnonzero(found == BAD_TIME)
        if rows.size:
            groups = pc.extract_regex(texts.take(pa.array(rows)), form)
            valid = np.asarray(groups.is_valid())
            found[rows[valid]] = read(groups.filter(pa.array(valid)))
    return found


def composed(
    year: NDArray, month: NDArray, day: NDArray, hour: NDArray, minute: NDArray, second: NDArray, fraction_us: NDArray
) -> NDArray[np.int64]:
    """A moment from its numbers (a second 60 is a leap second); BAD_TIME where it is none."""
    good = (year >= 1970) & (year <= 2200) & (month >= 1) & (month <= 12) & (day >= 1) & (fraction_us >= 0)
    good &= (hour >= 0) & (hour <= 23) & (minute >= 0) & (minute <= 59) & (second >= 0) & (second <= 60)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0).astype("M8[M]")
    first = months.astype("M8[D]").astype(np.int64)
    good &= first + day - 1 < (months + 1).astype("M8[D]").astype(np.int64)
    seconds = (first + day - 1) * 86_400 + hour * 3600 + minute * 60 + second
    return np.where(good, seconds * 1_000_000 + fraction_us, BAD_TIME)


def told_by_sentence(block: Block, lead: Offsets, star: Offsets, rows: Offsets) -> NDArray[np.int64]:
    """The time of sentences that carry a clock: RMC and ZDA of a receiver's clock, $PGHP of Gatehouse's loggers.

    rows  the sentences to look at; the others give none
    """
    time_us = np.full(len(lead), NO_TIME)
    address = matrix(block, lead[rows] + 1, 6, star[rows])
    formatter = np.ascontiguousarray(address[:, 2:]).view("S4")[:, 0]
    maker = np.ascontiguousarray(address).view("S6")[:, 0]
    for chosen, parts in ((formatter == b"RMC,", _rmc), (formatter == b"ZDA,", _zda), (maker == b"PGHP,1", _pghp)):
        of = rows[chosen]
        if of.size:
            commas = [*find_commas(block, lead[of], star[of], 10), star[of]]
            values = [Span(np.minimum(a + 1, b), b) for a, b in pairwise(commas)]
            time_us[of] = parts(block, values)
    return time_us


def _rmc(block: Block, values: list[Span]) -> NDArray[np.int64]:
    date_number, digits = whole_number(block, values[8])
    ddmmyy = np.where(digits == 6, date_number, 0).astype(np.int64)
    ddmmyy[values[8].end - values[8].start != 6] = 0
    year = ddmmyy % 100
    year = np.where(year < 80, 2000, 1900) + year  # GPS time begins in 1980
    empty = (values[0].end <= values[0].start) | (values[8].end <= values[8].start)
    clock = _clock(block, values[0])
    return np.where(empty, NO_TIME, composed(year, ddmmyy // 100 % 100, ddmmyy // 10_000, *clock))


def _zda(block: Block, values: list[Span]) -> NDArray[np.int64]:
    day, month, year = (_exactly(block, value) for value in values[1:4])
    empty = np.logical_or.reduce([value.end <= value.start for value in values[:4]])
    return np.where(empty, NO_TIME, composed(year, month, day, *_clock(block, values[0])))


def _pghp(block: Block, values: list[Span]) -> NDArray[np.int64]:
    year, month, day, hour, minute, second, milli = (_exactly(block, value) for value in values[1:8])
    return composed(year, month, day, hour, minute, second, np.where(milli < 1000, milli * 1000, -1))


def _clock(block: Block, span: Span) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Hour, minute, second and microseconds of `hhmmss.ss`; an hour of -1 where it is none."""
    number, digits = whole_number(block, span)
    hhmmss = number.astype(np.int64)
    hour = np.where(digits == 6, hhmmss // 10_000, -1)
    return hour, hhmmss // 100 % 100, hhmmss % 100, _fraction_us(block, Span(span.start + digits, span.end))


def _exactly(block: Block, span: Span) -> NDArray[np.int64]:
    """A number of one to four digits, -1 where it is none."""
    number, digits = whole_number(block, span)
    return np.where((digits == span.end - span.start) & (digits >= 1) & (digits <= 4), number.astype(np.int64), -1)


def _fraction_us(block: Block, span: Span) -> NDArray[np.int64]:
    """Millionths from `.5` (cut, not rounded); 0 where the span is empty, -1 where it is no fraction."""
    found = np.where(span.end > span.start, -1, 0)
    rows = np.flatnonzero((span.end > span.start) & (byte_at(block, span.start) == ord(".")))
    if rows.size:
        digits = Span(span.start[rows] + 1, span.end[rows])
        length = digits.end - digits.start
        _, count = whole_number(block, digits)
        value, used = whole_number(block, Span(digits.start, np.minimum(digits.end, digits.start + 6)))
        found[rows] = np.where(np.minimum(length, 20) == count, value.astype(np.int64) * 10 ** (6 - used), -1)
    return found


def _matches(texts: pa.BinaryArray, form: str) -> NDArray[np.bool_]:
    return np.asarray(pc.match_substring_regex(texts, form))


def _since_1970_in(groups: pa.StructArray) -> NDArray[np.int64]:
    numbers = groups.field("number")
    offsets = np.concatenate([[0], np.cumsum(np.asarray(pc.binary_length(numbers)))])
    block = np.frombuffer(b"".join(numbers.to_pylist()) + b"\0", dtype=np.uint8)
    return since_1970(block, Span(offsets[:-1], offsets[1:]))


def _of_day(groups: pa.StructArray) -> NDArray[np.int64]:
    first = np.ones(len(groups), dtype=np.int64)
    hour, minute, second = (_numbers(groups.field(name)) for name in ("hour", "minute", "second"))
    return composed(1969 + first, first, first, hour, minute, second, _millionths(groups))


def _millionths(groups: pa.StructArray) -> NDArray[np.int64]:
    """The first six digits of a fraction, or the three of milliseconds."""
    fraction = pc.binary_join_element_wise(_text(groups.field("fraction")), _text(groups.field("milli")), "")
    return _numbers(pc.utf8_slice_codeunits(pc.utf8_rpad(fraction, 6, "0"), 0, 6))


def _dated(groups: pa.StructArray) -> NDArray[np.int64]:
    """The moment given by the groups of _YEAR_FIRST or _YEAR_LAST."""
    number = {name: _numbers(groups.field(name)) for name in ("year", "day", "hour", "minute", "second")}
    day, month = number["day"], _months(groups.field("month"))
    if "mark" in [field.name for field in groups.type]:
        # Written with dots the day comes first; with slashes or dashes only what cannot be otherwise is sure.
        in_words = _matches(groups.field("month"), "[A-Za-z]")
        sure = in_words | _matches(groups.field("mark"), r"[. ]") | (day == month)
        exchanged = ~sure & (day <= 12) & (month > 12)
        day, month = np.where(exchanged, month, day), np.where(exchanged, day, month)
        month = np.where(sure | (day > 12), month, -1)
    after = pc.extract_regex(groups.field("rest"), _AFTER_CLOCK)
    half = pc.utf8_lower(_text(after.field("half")))
    afternoon, morning = np.asarray(pc.equal(half, "pm")), np.asarray(pc.equal(half, "am"))
    hour = np.where((afternoon | morning) & (number["hour"] > 12), -1, number["hour"])
    hour = np.where(afternoon | morning, np.where(hour < 0, -1, hour % 12 + 12 * afternoon), hour)
    moment = composed(number["year"], month, day, hour, number["minute"], number["second"], _millionths(groups))
    sign = pc.binary_join_element_wise(_text(after.field("sign")), _text(after.field("mark")), "")
    offset = (
        _numbers(after.field("hours")) * 60 + _numbers(after.field("minutes")) + _numbers(after.field("whole")) * 60
    )
    unknown = offset > 14 * 60
    for named in ("name", "place"):
        unknown |= np.asarray(pc.greater(pc.binary_length(after.field(named)), 0))
    offset_us = np.where(np.asarray(pc.equal(sign, "-")), -offset, offset) * 60_000_000
    return np.where((moment == BAD_TIME) | unknown, BAD_TIME, moment - offset_us)


def _text(values: pa.Array) -> pa.StringArray:
    return values.cast(pa.string())


def _numbers(values: pa.Array) -> NDArray[np.int64]:
    """Texts of digits as numbers, 0 for empty ones."""
    text = _text(values)
    return np.asarray(pc.if_else(pc.equal(text, ""), "0", text).cast(pa.int64()))


def _months(values: pa.Array) -> NDArray[np.int64]:
    """Months given by number or by three letters; 0 for other letters."""
    text = pc.utf8_lower(_text(values))
    for nth, name in enumerate(_MONTHS, 1):
        text = pc.if_else(pc.equal(text, name), str(nth), text)
    return _numbers(pc.if_else(pc.match_substring_regex(text, r"^\d+$"), text, "0"))


@dataclass
class Clock:
    """Gives a time to sentences without one; its state goes from block to block."""

    base_date: date | None
    last_of_day: int | None = None
    days: int = 0
    last_stamp: int = field(default=int(NO_TIME))
    elapsed_s: int = 0
    last_second: int | None = None

    def with_day(self, time_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """Times of day as times of the base date and the days after it; BAD_TIME where there is no base date."""
        rows = np.flatnonzero((time_us >= 0) & (time_us < _DAY_US))
        if not rows.size:
            return time_us
        dated, of_day = time_us.copy(), time_us[rows]
        dated[rows] = BAD_TIME
        if self.base_date is not None:
            before = of_day[0] if self.last_of_day is None else self.last_of_day
            steps = np.diff(of_day, prepend=before)  # half a day back is the next day, half a day on the one before
            days = self.days + np.cumsum((steps < -_DAY_US // 2).astype(int) - (steps > _DAY_US // 2))
            dated[rows] = self._midnight_us() + days * _DAY_US + of_day
            self.days, self.last_of_day = int(days[-1]), int(of_day[-1])
        return dated

    def _midnight_us(self) -> int:
        assert self.base_date is not None
        return (self.base_date - date(1970, 1, 1)).days * _DAY_US

    def fill(self, time_us: NDArray[np.int64], second: NDArray[np.float64]) -> NDArray[np.int64]:
        """Times where the sentences have none: the last stamp before, else the clock of the base date, if any."""
        stamped = np.where(time_us == NO_TIME, -1, np.arange(len(time_us)))
        last = np.maximum.accumulate(stamped)
        filled = np.where(last >= 0, time_us[np.maximum(last, 0)], self.last_stamp)
        if self.base_date is not None:
            filled = np.where(filled == NO_TIME, self._midnight_us() + self._elapsed(second) * 1_000_000, filled)
        if len(filled) and last[-1] >= 0:
            self.last_stamp = int(time_us[last[-1]])
        return filled

    def _elapsed(self, second: NDArray[np.float64]) -> NDArray[np.int64]:
        """Seconds since the start; each second of the minute is the nearest to the last (they lie under 30 s apart)."""
        known = np.flatnonzero(second < 60)
        seconds = second[known].astype(np.int64)
        before = np.concatenate(
            [[self.last_second if self.last_second is not None else (seconds[0] if len(seconds) else 0)], seconds]
        )
        steps = (np.diff(before) + 30) % 60 - 30
        elapsed = np.zeros(len(second), dtype=np.int64)
        elapsed[known] = steps
        elapsed = self.elapsed_s + np.cumsum(elapsed)
        if len(known):
            self.elapsed_s, self.last_second = int(elapsed[-1]), int(seconds[-1])
        return np.maximum(elapsed, 0)
