"""Which ships a user may mean: a number, a call sign, an id as printed or a name, resolved to hulls before any answer.

A ship has many names. Each source (her own AIS reports, the particulars of providers, every edition of every list)
tells name, call sign, MMSI and IMO number side by side; what the user gave is looked up in all of them, and a valid IMO
number found beside it leads to the hulls that bear it under other names. Hulls are never joined by a name: each is an
answer of its own, with the reason why it is one. Names that only resemble are offered, and answer nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.imo import is_company_number, is_imo, read_imo, why_no_imo
from pipeline.judgement.names import normal_name

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from pipeline.judgement.watchlists import Watchlists
    from pipeline.warehouse.store import Warehouse

AIS = "AIS"
_KNOWN = ["source", "vessel_id", "imo", "mmsi", "name", "call_sign", "entry", "note"]
_MMSI = re.compile(r"(?i)^(?:mmsi)?[\s:.#_-]*([0-9]{9})$")
_VESSEL_ID = re.compile(r"(?i)^([a-z_]+)-([0-9]{7,9})(?:-[0-9]+)?$")
# A question back to who asks, not a match: of 100, the share of letters both names have in order.
_OFFERED = 75
_OFFERED_BESIDE_MATCHES = 88
_MOST_OFFERED = 5


@dataclass(frozen=True)
class Search:
    """What a key may mean, what to say of the key, and which other ships resemble it.

    rows  of the known names, with `why` (and whether `direct`, by the key itself)
    """

    rows: DataFrame
    notes: list[str] = field(default_factory=list)
    similar: list[str] = field(default_factory=list)


def known_names(warehouse: Warehouse, watchlists: Watchlists) -> DataFrame:
    """Everything that sources tell of who ships are.

    returns  source (AIS, list ID or a provider), vessel_id (of hulls heard), imo, mmsi, name, call_sign, entry (of
             lists: ID and entry), note; nulls where a source tells nothing
    """
    ours = warehouse.query(
        f"select '{AIS}' as source, vessel_id, imo, mmsi, name, call_sign from vessel_identity"
        f" union select '{AIS}', vessel_id, imo, mmsi, name, call_sign from vessel"
        " union select provider, null, imo, mmsi, name, call_sign from vessel_particulars"
    )
    return _known([ours, listed_names(watchlists)])


def listed_names(watchlists: Watchlists) -> DataFrame:
    """What every edition of every list tells of who ships are; in the form of `known_names`."""
    history = watchlists.history
    listed = history.assign(
        source="list " + history["watchlist_id"],
        entry=history["watchlist_id"] + " " + history["entry_id"],
        name=(history["name"] + "|" + history["other_names"].fillna("")).str.split("|"),
    ).explode("name")
    return _known([listed[listed["name"] != ""]])


def _known(told: list[DataFrame]) -> DataFrame:
    from pandas import concat

    both = concat([rows.reindex(columns=_KNOWN).astype(object) for rows in told], ignore_index=True)
    both = both.astype({"imo": "Int64", "mmsi": "Int64"}).drop_duplicates(ignore_index=True)
    return both.assign(normal=both["name"].map(_plain, na_action="ignore").fillna("").astype("str"))


def search(key: str, known: DataFrame) -> Search:
    """Which of the known names a key means, and through them every hull that bears their IMO number or MMSI.

    key    IMO number, MMSI, id of a hull as printed (imo-…, mmsi-…), call sign, or part of a name
    known  as `known_names` gives it
    """
    word = unicodedata.normalize("NFKC", key).strip()
    notes: list[str] = []
    by_id = _by_vessel_id(word, known)
    number = _VESSEL_ID.match(word)
    imo = read_imo(word)
    mmsi = _MMSI.match(re.sub(r"(?<=\d)\s+(?=\d)", "", number.group(2) if number and imo is None else word))
    if number and by_id is None and imo is None:
        notes.append(f"{word}: no hull of this id here; its number was looked up")
    if by_id is not None and imo is None:
        rows = by_id
    elif imo is not None:
        rows = _because(known[known["imo"] == imo], "IMO number")
        if why := why_no_imo(imo):
            company = "; it would be the number of a company" if is_company_number(imo) else ""
            notes.append(f"IMO {imo}: {why}, so no ship's own number{company}; taken as written")
    elif mmsi is not None:
        rows = _by_mmsi(int(mmsi.group(1)), known)
    else:
        rows = _by_name(word, known)
        if inside := re.findall(r"(?<!\d)(?:\d{7}|\d{9})(?!\d)", word):
            notes.append(f"{', '.join(inside)} in it was not looked up; give a number alone")
        elif not normal_name(word) and any(map(str.isalpha, word)):
            notes.append("AIS and most lists write names in Latin letters: try the romanised name too")
        elif re.fullmatch(r"[\d\s-]+", word):
            notes.append(f"{len(re.sub('[^0-9]', '', word))} digits: an IMO number has 7, an MMSI 9")
    found = _of_the_same_ships(rows, known)
    asked = imo if imo is not None else int(mmsi.group(1)) if mmsi else None
    similar = _near_numbers(asked, found, known) if asked else _near_names(word, found, known)
    return Search(found, notes, similar)


# ------------------------------------------------------------------------------------------------------------ inside


def _plain(name: str) -> str:
    """A name as it is compared; one without Latin letters or figures in small letters as it is."""
    return normal_name(name) or "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold()))


def _because(rows: DataFrame, what: str | Series) -> DataFrame:
    return rows.assign(why=what + (" on " + rows["source"]).where(rows["source"] != AIS, ""), direct=True)


def _by_vessel_id(word: str, known: DataFrame) -> DataFrame | None:
    found = known[known["vessel_id"].str.casefold() == word.casefold()]
    return _because(found, "id") if len(found) else None


def _by_mmsi(mmsi: int, known: DataFrame) -> DataFrame:
    from pandas import concat

    told = known[known["note"].str.contains(rf"(?<!\d){mmsi}(?!\d)", na=False)]
    return concat([_because(known[known["mmsi"] == mmsi], "MMSI"), _because(told, "MMSI in a note")])


def _by_name(word: str, known: DataFrame) -> DataFrame:
    from pandas import concat

    normal, sign = _plain(word), _sign(word)
    if not normal:
        return _because(known[:0], "name")
    named = known[known["normal"].str.contains(normal, regex=False)]
    signed = known[known["call_sign"].map(_sign, na_action="ignore") == sign] if sign else known[:0]
    return concat([_because(named, "name " + named["name"]), _because(signed, "call sign")])


def _sign(text: str) -> str:
    return "".join(filter(str.isalnum, text.upper()))


def _of_the_same_ships(rows: DataFrame, known: DataFrame) -> DataFrame:
    """The rows, and those of every hull that bears a valid IMO number found in them, or an MMSI that another than AIS
    tells of them."""
    from pandas import concat

    numbers = [number for number in rows["imo"].dropna().unique() if is_imo(int(number))]
    by_imo = known[known["imo"].isin(numbers)]
    told = rows[(rows["source"] != AIS) & rows["mmsi"].notna()]
    others = known[(known["source"] == AIS) & known["mmsi"].isin(told["mmsi"].unique())]
    reasons = [
        rows,
        by_imo.assign(
            why="bears IMO " + by_imo["imo"].astype("str") + _told_by(by_imo["imo"], rows, "imo"), direct=False
        ),
        others.assign(
            why="heard on MMSI " + others["mmsi"].astype("str") + _told_by(others["mmsi"], told, "mmsi"), direct=False
        ),
    ]
    return concat(reasons).drop_duplicates(known.columns.to_list())


def _told_by(numbers: Series, rows: DataFrame, column: str) -> Series:
    """Behind a number, why it was looked for."""
    reasons = rows.dropna(subset=[column]).drop_duplicates(column).set_index(column)["why"]
    return " (" + numbers.map(reasons).astype("str") + ")"


def _near_names(word: str, found: DataFrame, known: DataFrame) -> list[str]:
    """Ships not found whose name has the same letters, the same words, or nearly so."""
    from rapidfuzz import fuzz, process

    normal = _plain(word)
    others = _others(known, found)
    if len(normal) < 3 or others.empty:
        return []
    names = others["normal"].unique().tolist()
    least = _OFFERED_BESIDE_MATCHES if len(found) else _OFFERED
    scores: dict[str, float] = {}
    for form in (_letters, _words):
        near = process.extract(
            form(normal), [form(name) for name in names], scorer=fuzz.ratio, score_cutoff=least, limit=20
        )
        for _, score, place in near:
            scores[names[place]] = max(score, scores.get(names[place], 0))
    ranked = sorted(scores, key=lambda name: (-scores[name], name))
    return _shown(others.set_index("normal").loc[ranked].reset_index(), known) if ranked else []


def _letters(name: str) -> str:
    return name.replace(" ", "")


def _words(name: str) -> str:
    return " ".join(sorted(name.split()))


def _near_numbers(asked: int, found: DataFrame, known: DataFrame) -> list[str]:
    """Ships with a number that differs in one digit or in two that changed places, where the number names no ship."""
    from pandas import concat
    from rapidfuzz.distance import OSA

    if len(found) and (len(str(asked)) == 9 or is_imo(asked)):
        return []
    column = "imo" if len(str(asked)) == 7 else "mmsi"
    others = _others(known, found).dropna(subset=[column])
    near = [number for number in others[column].unique() if OSA.distance(str(number), str(asked)) == 1]
    return _shown(concat([others[others[column] == number] for number in sorted(near)]), known) if near else []


def _others(known: DataFrame, found: DataFrame) -> DataFrame:
    """Rows of ships that were not found."""
    same = known["vessel_id"].isin(found["vessel_id"].dropna()) | known["entry"].isin(found["entry"].dropna())
    same |= known["imo"].isin([number for number in found["imo"].dropna().unique() if is_imo(int(number))])
    return known[~same & (known["normal"] != "")]


def _shown(rows: DataFrame, known: DataFrame) -> list[str]:
    """One line a ship: name, number, and who tells of her."""
    rows = rows.assign(ship=rows["imo"].astype("str").where(rows["imo"].notna(), rows["vessel_id"]))
    rows["ship"] = rows["ship"].fillna(rows["entry"]).fillna(rows["mmsi"].astype("str"))
    imos = set(known.loc[known["vessel_id"].notna(), "imo"].dropna())
    lines = []
    for _, ship in list(rows.groupby("ship", sort=False))[:_MOST_OFFERED]:
        first = ship.iloc[0]
        heard = ship["vessel_id"].notna().any() or first["imo"] in imos
        number = next(
            (f"{name.upper()} {ship[name].dropna().iloc[0]}" for name in ("imo", "mmsi") if ship[name].notna().any()),
            str(first["entry"]),
        )
        where = "heard here" if heard else ", ".join(dict.fromkeys(ship["source"]))
        lines.append(f"{first['name']} ({number}, {where})")
    return lines
