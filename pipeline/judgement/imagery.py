"""Readings of imagery: what people counted on dated images, which of them count, and what they say of claims.

Several readings may be of one image (the same place, time and sensor). The last of each reader counts; where readers
agree whether ships of 80 m and more were there, the image says so once, and where they disagree it says nothing, but
both readings stay. Images in which the place could not be seen whole say nothing of absence. A berth in use is empty on
most days, so empty images speak against only as far as ships are on fewer of them than half of what is usual.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipeline.contracts import OBSERVATION
from pipeline.judgement.articles import ClaimSpec, Window
from pipeline.judgement.verdicts import Piece, VerdictRules
from pipeline.resources import SEEDS
from pipeline.seedfile import Seed, digest, load_seed

if TYPE_CHECKING:
    from pandas import DataFrame

_IMAGE = ["place_key", "from_at", "sensor"]
_LONG = ["ships_80_to_130m", "ships_over_130m", "ships_of_any_length"]  # a ship of unknown length may be one
_HALF = 0.5
IMAGES_READ = "Images read"  # what is said of images begins so, whether or not it weighs anything


class _Sourced(Seed):
    value: float
    source: str


class _Grades(Seed):
    source_grade: Literal["A", "B", "C", "D", "E", "F"]
    information_grade: Literal[1, 2, 3, 4, 5, 6]
    source: str


class _Leaning(Seed):
    relation: Literal["supports", "weakens", "context"]
    direct: bool = False
    reason: str


class _ImageryBearing(Seed):
    claim: str
    zones: tuple[str, ...]
    ships_seen: _Leaning
    none_seen: _Leaning


class ImageryRules(Seed):
    """The file of bearings and grades."""

    least_images: _Sourced
    usual_share: _Sourced
    one_reader: _Grades
    two_readers: _Grades
    bears_on: tuple[_ImageryBearing, ...]


@dataclass(frozen=True)
class Imagery:
    """The readings of a home and how they bear on claims.

    readings  READING
    """

    readings: DataFrame
    rules: ImageryRules

    @property
    def hash(self) -> str:
        """Identifies what was derived with them."""
        ids = "\n".join([digest([self.rules]), *self.readings["reading_id"]])
        return hashlib.sha256(ids.encode()).hexdigest()[:16]

    def observations(self) -> DataFrame:
        """OBSERVATION: a row a reading, whether or not it counts."""
        from pandas import DataFrame

        grades = self.rules.one_reader
        rows = [
            {
                "observation_id": f"reading-{row['reading_id']}", "kind": "imagery", "place": row["place"],
                "zone_id": row["zone_id"], "from_at": row["from_at"], "to_at": row["to_at"], "extent": "somewhere",
                "quantity": float(count) if (count := _ships(row)) is not None else None,
                "unit": None if count is None else "ships", "statement": _statement(row),
                "source": f"read by {row['read_by']} ({row['sensor']}, {row['link']}, {row['licence']})",
                "published_at": row["known_at"], "source_grade": grades.source_grade,
                "information_grade": str(grades.information_grade), "verified": True,
            }
            for row in self.readings.to_dict("records")
        ]  # fmt: skip
        return OBSERVATION.conform(DataFrame(rows, columns=OBSERVATION.names))


def load_imagery(readings: DataFrame, path: Path = SEEDS / "imagery.yaml") -> Imagery:
    """The rules, with the readings of a home.

    readings  READING
    raises    InputError naming file, line, field, found and expected
    """
    return Imagery(readings, load_seed(path, ImageryRules))


def images(readings: DataFrame) -> DataFrame:
    """One row an image: zone_id, from_at, to_at, sensor, readers, known_at; `ships`: yes, no, disagreed or not told.

    readings  READING
    """
    rows = readings.assign(place_key=readings["zone_id"].fillna(readings["place"].str.lower()))
    rows = rows.sort_values(["known_at", "reading_id"]).drop_duplicates([*_IMAGE, "read_by"], keep="last")
    counted = rows[_LONG].astype("Float64").sum(axis=1, min_count=1)
    whole = rows["visible"] == "yes"
    rows["ships"] = "not told"
    rows.loc[(counted > 0).fillna(False), "ships"] = "yes"
    rows.loc[whole & (counted == 0).fillna(False), "ships"] = "no"
    telling = rows[rows["ships"] != "not told"]
    said = telling.groupby(_IMAGE)["ships"].agg(lambda words: words.iloc[0] if words.nunique() == 1 else "disagreed")
    grouped = rows.groupby(_IMAGE, as_index=False).agg(
        zone_id=("zone_id", "first"),
        to_at=("to_at", "max"),
        readers=("read_by", "nunique"),
        known_at=("known_at", "min"),
    )
    keys = grouped.set_index(_IMAGE).index
    return grouped.assign(ships=said.reindex(keys).fillna("not told").to_numpy())


def imagery_pieces(
    spec: ClaimSpec, window: Window, found: DataFrame, rules: ImageryRules, verdicts: VerdictRules
) -> Iterator[tuple[str, Piece]]:
    """Which way the images of a claim's places lean in a window: relation supports, weakens or context.

    found  as `images` gives them, known by then
    """
    for bearing in rules.bears_on:
        if bearing.claim != spec.bearing_id:
            continue
        inside = found[
            found["zone_id"].isin(bearing.zones)
            & (found["from_at"] >= window.from_at)
            & (found["to_at"] <= window.to_at)
        ]
        if not len(inside):
            continue
        told = inside[inside["ships"].isin(["yes", "no"])]
        ships, images_told = int((told["ships"] == "yes").sum()), len(told)
        grades = rules.two_readers if images_told and (told["readers"] > 1).mean() >= _HALF else rules.one_reader
        weight = (
            verdicts.source_weight[grades.source_grade].value
            * verdicts.information_weight[str(grades.information_grade)].value  # type: ignore[index]
        )
        numbers = _numbers(inside)
        if not images_told:
            yield "context", Piece("imagery", 0.0, inside=True, direct=False, said=numbers)
            continue
        lack = max(0.0, 1 - ships / images_told / rules.usual_share.value)
        for leaning, number, share in (
            (bearing.ships_seen, ships, 1.0),
            (bearing.none_seen, images_told, lack),
        ):
            part = weight * share * min(1.0, number / rules.least_images.value)
            if part:
                said = f"{numbers} {leaning.reason} (weight {part:.2f})"
                yield leaning.relation, Piece("imagery", part, inside=True, direct=leaning.direct, said=said)


def _numbers(found: DataFrame) -> str:
    counts = {word: int((found["ships"] == word).sum()) for word in ("yes", "no", "disagreed", "not told")}
    first, last = found["from_at"].min(), found["from_at"].max()
    aside = f", {counts['disagreed']} on which readers disagree" if counts["disagreed"] else ""
    aside += f", {counts['not told']} on which it could not be told" if counts["not told"] else ""
    return (
        f"{IMAGES_READ} ({first:%Y-%m-%d} to {last:%Y-%m-%d}): {counts['yes']} with ships of 80 m or more or of "
        f"unknown length, {counts['no']} without{aside}."
    )


def _ships(row: Any) -> int | None:
    from pandas import isna

    counts = [row[name] for name in ("ships_under_80m", *_LONG) if not isna(row[name])]
    return int(sum(counts)) if counts else None


def _statement(row: Any) -> str:
    from pandas import isna

    names = {
        "ships_of_any_length": "{} ship{s}", "ships_under_80m": "{} ship{s} under 80 m",
        "ships_80_to_130m": "{} ship{s} of 80 to 130 m", "ships_over_130m": "{} ship{s} of 130 m and more",
        "holds_open": "{} with open holds", "cargo_heaps": "cargo heaps: {}", "ice": "ice: {}",
    }  # fmt: skip
    seen = [
        text.format(row[name], s="" if row[name] == 1 else "s") for name, text in names.items() if not isna(row[name])
    ]
    hidden = {"no": "the place could not be seen", "partly": "the place was seen in part"}.get(row["visible"])
    said = "; ".join([*seen, *([hidden] if hidden else []), *([] if isna(row["note"]) else [str(row["note"])])])
    return f"{row['place']}, {row['from_at']:%Y-%m-%d %H:%M} UTC: {said}."
