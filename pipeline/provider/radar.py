"""Radar detections held against AIS: passes, and what explains each echo.

A pass is the detections of one hour whose places hang together, or what a catalogue lists as images of one orbit. Its
moment comes from the rows (a matched ship, or the file), else from the images; where only the hour is known, a ship
must have lain in the cells around an echo for all of it. A ship of ours is a candidate if she was heard within half an
hour on both sides of the moment, and lay, on the way between, in the echo's cell or one of its eight neighbours. Ships
and echoes are paired one to one, the nearest first; a rival in the cells around makes a pair weak. A ship that was
heard only farther from the moment, and could have been there, makes it impossible to tell. What is left is an echo that
no AIS of ours or the provider's explains: the provider may not have received her, so nothing is said of why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pandas import DataFrame

from geo.distance import METRES_PER_NM, distance_m
from pipeline.contracts import PROVIDER_ANSWER, PROVIDER_IMAGE, RADAR_DETECTION, RADAR_PASS
from pipeline.days import end_of_day
from pipeline.ids import deterministic_id, deterministic_ids
from pipeline.provider.radar_images import NOWHERE, image_passes, same_pass, unseen_passes, with_images

if TYPE_CHECKING:
    from pipeline.limits import RadarLimits

_MINUTE, _HOUR, _DAY = 60_000_000, 3_600_000_000, 86_400_000_000  # microseconds
_CELL = 100  # cells of 0.01° in a degree; cell k is centred on k / 100
_CELL_M = 700.0  # from the centre of a cell to its corner at the latitudes of Korea, rounded up
_JOINED_DEG = 2  # squares of a degree no farther apart are one pass: a scene is 250 km wide
_ONE_PASS = 5 * _MINUTE  # moments of one pass over ground that hangs together


def find_passes(
    detections: DataFrame, images: DataFrame | None = None, answers: DataFrame | None = None
) -> tuple[DataFrame, DataFrame]:
    """The passes that detections come from, and those that a catalogue lists; and the detections with `radar_pass_id`
    and `moment` (UTC; null where only the hour is known). One that both tell of is one pass. Passes are RADAR_PASS with
    `hull`, the part of `ground` (WKT) that their own detections tell.

    detections  PROVIDER_DETECTION with `licence`
    images      PROVIDER_IMAGE of the same days
    answers     PROVIDER_ANSWER of the same days
    """
    rows = detections.reset_index(drop=True)
    seen = image_passes(PROVIDER_IMAGE.empty() if images is None else images)
    answers = PROVIDER_ANSWER.empty() if answers is None else answers
    if not len(rows):
        rows = rows.assign(radar_pass_id=pd.Series(dtype="str"), moment=rows["at"])
        unseen = RADAR_PASS.conform(unseen_passes(seen)) if len(seen) else RADAR_PASS.empty()
        return unseen.assign(hull=unseen["ground"]), rows
    rows = _with_images(_with_moment(rows.assign(group=_groups(rows))), seen)
    passes = []
    for group, of in rows.groupby("group"):
        found, image = {"group": group} | _pass_of(of), of["image"].iloc[0]
        found |= {"hull": found["ground"]}
        passes.append(found if image < 0 else found | with_images(found, of, seen.loc[image], answers))
    told = DataFrame(passes)
    told["known_at"] = end_of_day(told["from_at"])
    if len(others := seen[~seen.index.isin(rows["image"])]):
        told = pd.concat([told, unseen_passes(others)], ignore_index=True)
    for number, image in seen.iterrows():
        middle = image["from_at"] + (image["to_at"] - image["from_at"]) / 2
        rows["moment"] = rows["moment"].mask(rows["moment"].isna() & (rows["image"] == number), middle.floor("s"))
    ids = told[["group", "radar_pass_id"]].dropna()
    rows = rows.merge(ids, on="group", validate="many_to_one").drop(columns=["group", "image"])
    return RADAR_PASS.conform(told).assign(hull=told["hull"].fillna(NOWHERE)), rows


def _with_moment(rows: DataFrame) -> DataFrame:
    """Detections with `moment`: their own, else that of the others of their group."""
    known = rows.groupby("group")["at"].transform("median").dt.floor("s")
    return rows.assign(moment=rows["at"].fillna(known))


def _with_images(rows: DataFrame, seen: DataFrame) -> DataFrame:
    """Detections with `image`, the number of the image pass that they are of by their group, -1 if none; groups of one
    image pass are one."""
    if not len(seen):
        return rows.assign(image=-1)
    groups = [
        {
            "group": group,
            "moment": of["moment"].median(),
            "from_hour": of["hour"].min(),
            "to_hour": of["hour"].max() + pd.Timedelta(hours=1),
            "ground": shapely.MultiPoint(of[["longitude", "latitude"]].to_numpy()).convex_hull,
        }
        for group, of in rows.groupby("group")
    ]
    found = DataFrame(groups)
    rows = rows.assign(image=rows["group"].map(dict(zip(found["group"], same_pass(found, seen), strict=True))))
    first = rows.groupby("image")["group"].transform("min")
    return _with_moment(rows.assign(group=first.where(rows["image"] >= 0, rows["group"])))


def _pass_of(of: DataFrame) -> dict[str, Any]:
    """What the detections of a pass tell of it."""
    moment_known = bool(of["moment"].notna().any())
    from_at = of["moment"].min() if moment_known else of["hour"].min()
    to_at = of["moment"].max() if moment_known else of["hour"].max() + pd.Timedelta(hours=1)
    first = of.sort_values(["longitude", "latitude"]).iloc[0]
    return {
        "radar_pass_id": deterministic_id(
            "radar_pass", first["provider"], from_at, first["longitude"], first["latitude"]
        ),
        "provider": first["provider"],
        "from_at": from_at,
        "to_at": to_at,
        "moment_known": moment_known,
        "known_from": "detections",
        "ground": hull_of(of),
        "detections": len(of),
        "datasets": ", ".join(sorted(set(of["dataset"].dropna()))) or None,
        "licence": ", ".join(sorted(set(of["licence"].dropna()))) or None,
    }


def match(detections: DataFrame, fixes: DataFrame, limits: RadarLimits) -> DataFrame:
    """What AIS explains of each detection.

    detections  as `find_passes` gives them, with zone_id
    fixes       mmsi, timestamp (UTC), longitude, latitude: exact positions of ships, of the time around the passes
    returns     RADAR_DETECTION; what is repeated from pass to pass is not asked yet
    """
    if not len(detections):
        return RADAR_DETECTION.empty()
    fixes = fixes.sort_values(["mmsi", "timestamp"], kind="stable", ignore_index=True)
    told = pd.concat([_of_pass(of.copy(), fixes, limits) for _, of in detections.groupby("radar_pass_id", sort=True)])
    told["at"] = told["moment"].fillna(told["hour"] + pd.Timedelta(minutes=30))
    told["known_at"] = end_of_day(told["at"])
    told["repeated"] = False
    told["precision_m"] = np.where(told["precise"], 0.0, _CELL_M)
    # Two hulls may have the same place and no ship: a report counts them in one row, a file of positions does not.
    nth = told.groupby(["radar_pass_id", "longitude", "latitude", "ship", "mmsi"], dropna=False).cumcount()
    told["radar_detection_id"] = deterministic_ids(
        "radar_detection", told["radar_pass_id"], told["longitude"], told["latitude"], told["ship"].fillna(""),
        told["mmsi"].astype("str"), nth,
    )  # fmt: skip
    return RADAR_DETECTION.conform(told)


def _groups(rows: DataFrame) -> NDArray[np.int64]:
    """Number of the pass of each detection: connected in time (the hour, or a few minutes across it) and ground. Days
    are matched one by one, so a pass over midnight is two."""
    x, y = np.floor(rows["longitude"]).astype(int), np.floor(rows["latitude"]).astype(int)
    at = rows["at"].to_numpy("datetime64[us]").astype(np.int64)
    hour = rows["hour"].to_numpy("datetime64[us]").astype(np.int64)
    square = DataFrame({"provider": rows["provider"], "hour": hour, "x": x, "y": y})
    key = square.groupby(["provider", "hour", "x", "y"]).ngroup().to_numpy()
    known = np.where(rows["at"].notna(), at, -1)
    nodes = square.assign(known=known).groupby(key).agg(
        provider=("provider", "first"), hour=("hour", "first"), x=("x", "first"), y=("y", "first"),
        known=("known", "max"),
    )  # fmt: skip
    values = list(nodes[["provider", "hour", "x", "y", "known"]].itertuples(index=False, name=None))
    parent = list(range(len(values)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    order = sorted(range(len(values)), key=lambda node: values[node][:2])
    for place, one in enumerate(order):
        provider, of_hour, of_x, of_y, moment = values[one]
        for other in order[place + 1 :]:
            provider_2, hour_2, x_2, y_2, moment_2 = values[other]
            if provider_2 != provider or hour_2 > of_hour + _HOUR or hour_2 // _DAY != of_hour // _DAY:
                break
            across = moment >= 0 and moment_2 >= 0
            near_in_time = abs(moment - moment_2) <= _ONE_PASS if across else hour_2 == of_hour
            wide = min(abs(of_x - x_2), 360 - abs(of_x - x_2))
            if near_in_time and wide <= _JOINED_DEG and abs(of_y - y_2) <= _JOINED_DEG:
                parent[root(other)] = root(one)
    return np.array([root(node) for node in key])


def hull_of(rows: DataFrame) -> str:
    """The convex hull of places with the half cell around them, WKT."""
    points = shapely.MultiPoint(rows[["longitude", "latitude"]].to_numpy())
    return str(shapely.to_wkt(points.buffer(0.5 / _CELL, quad_segs=1).convex_hull, rounding_precision=3))


def _of_pass(rows: DataFrame, fixes: DataFrame, limits: RadarLimits) -> DataFrame:
    """One pass: outcome, reason, our_mmsi, our_distance_m, weak and ships_heard of its detections."""
    moment = rows["moment"].median()
    hour = rows["hour"].min()
    known = not pd.isna(moment)
    middle = _us(moment) if known else _us(hour) + _HOUR // 2
    asked = [middle] if known else [_us(hour) + n * 15 * _MINUTE for n in range(5)]
    reach = round(limits.reach_hours * _HOUR)
    at = fixes["timestamp"].to_numpy("datetime64[us]").astype(np.int64)
    inside = (at >= asked[0] - reach) & (at <= asked[-1] + reach)
    near = fixes[inside]
    ships = _ships_at(near, at[inside], asked, limits)
    x, y = rows["longitude"].to_numpy(), rows["latitude"].to_numpy()
    pairs = _pairs(x, y, ships, len(asked))
    chosen = _assign(rows, pairs)
    possible = _possible(x, y, ships, chosen, limits)
    heard = _heard(x, y, near, at[inside], middle, limits)
    outcome, reason = [], []
    for n, row in enumerate(rows.itertuples(index=False)):
        taken = chosen[n]
        many, name = row.detections > 1, f"{row.detections} hulls in one cell"
        if row.matched:
            who = f"MMSI {row.mmsi}" if not pd.isna(row.mmsi) else "a ship"
            ours = ", which our positions confirm" if any(mmsi == row.mmsi for mmsi, _, _ in taken) else ""
            said = "explained", f"The provider matched it with AIS of {who}{ours}."
        elif many and len(taken) < row.detections:
            said = "cannot_tell", f"{name}, without a position of each; {len(taken)} ships of ours fit."
        elif taken and (known or not many):
            how = "at the moment of the pass" if known else "all through the hour of the pass"
            said = "explained", f"Our positions put MMSI {', '.join(str(one) for one, _, _ in taken)} there {how}."
        elif possible[n]:
            said = (
                "cannot_tell",
                (
                    f"{possible[n]} ships of ours were not heard within {limits.pair_minutes:.0f} minutes of the pass "
                    "on both sides, and could have been there."
                ),
            )
        else:
            said = (
                "unexplained",
                (
                    "No AIS of ours or the provider's explains it; within "
                    f"{limits.heard_km:.0f} km we heard {heard[n]} ships in that hour."
                ),
            )
        outcome.append(said[0])
        reason.append(said[1])
    first = [one[0] if one else (None, None, False) for one in chosen]
    return rows.assign(
        outcome=outcome,
        reason=reason,
        our_mmsi=pd.array([mmsi for mmsi, _, _ in first], dtype="Int64"),
        our_distance_m=pd.array([metres for _, metres, _ in first], dtype="Float64"),
        weak=[bool(rival) or (bool(taken) and not known) for (_, _, rival), taken in zip(first, chosen, strict=True)],
        ships_heard=heard,
    )


def _us(moment: pd.Timestamp) -> int:
    return int(moment.value // 1000)


def _ships_at(fixes: DataFrame, at: NDArray[np.int64], asked: list[int], limits: RadarLimits) -> DataFrame:
    """Ship and moment: longitude, latitude where she was heard closely on both sides (`placed`); else her nearest fix,
    and how long before or after it was (`wait`, microseconds)."""
    close = round(limits.pair_minutes * _MINUTE)
    mmsi, x, y = (fixes[name].to_numpy() for name in ("mmsi", "longitude", "latitude"))
    if not len(fixes):
        return DataFrame(columns=["mmsi", "nth", "placed", "longitude", "latitude", "wait"])
    ids, begins = np.unique(mmsi, return_index=True)
    ends = np.append(begins[1:], len(mmsi))
    found = []
    for nth, moment in enumerate(asked):
        after = np.array([b + np.searchsorted(at[b:e], moment) for b, e in zip(begins, ends, strict=True)])
        has_after, has_before = (
            after < ends,
            (after > begins) | ((after < ends) & (at[np.minimum(after, len(at) - 1)] == moment)),
        )
        later = np.minimum(after, len(at) - 1)
        exact = has_after & (at[later] == moment)
        earlier = np.where(exact, later, np.maximum(after - 1, 0))
        wait_after = np.where(has_after, at[later] - moment, np.iinfo(np.int64).max)
        wait_before = np.where(has_before, moment - at[earlier], np.iinfo(np.int64).max)
        placed = (wait_after <= close) & (wait_before <= close)
        span = np.maximum(at[later] - at[earlier], 1)
        part = np.where(placed, (moment - at[earlier]) / span, 0.0)
        east = (x[later] - x[earlier] + 180) % 360 - 180
        nearer = np.where(wait_after < wait_before, later, earlier)
        found.append(
            DataFrame(
                {
                    "mmsi": ids, "nth": nth, "placed": placed,
                    "longitude": np.where(placed, x[earlier] + part * east, x[nearer]),
                    "latitude": np.where(placed, y[earlier] + part * (y[later] - y[earlier]), y[nearer]),
                    "wait": np.minimum(wait_after, wait_before),
                }
            )
        )  # fmt: skip
    return pd.concat(found, ignore_index=True)


def _pairs(x: NDArray[np.float64], y: NDArray[np.float64], ships: DataFrame, moments: int) -> DataFrame:
    """Detection, mmsi, metres: ships that lay in the block of a detection at every moment asked."""
    placed = ships[ships["placed"].astype(bool)]
    column, row = _cell(x), _cell(y)
    other_column, other_row = _cell(placed["longitude"].to_numpy(float)), _cell(placed["latitude"].to_numpy(float))
    within = (np.abs(column[:, None] - other_column) <= 1) & (np.abs(row[:, None] - other_row) <= 1)
    of, ship = np.nonzero(within)
    found = DataFrame({"of": of, "mmsi": placed["mmsi"].to_numpy()[ship]})
    found["metres"] = distance_m(
        x[of], y[of], placed["longitude"].to_numpy(float)[ship], placed["latitude"].to_numpy(float)[ship]
    )
    times = found.groupby(["of", "mmsi"], as_index=False).agg(metres=("metres", "max"), times=("metres", "size"))
    return times[times["times"] == moments].drop(columns="times")


def _cell(degrees: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number of the cell: cell k is centred on k × 0.01°, half-open by 0.005°."""
    return np.floor(degrees * _CELL + 0.5).astype(np.int64)


def _assign(rows: DataFrame, pairs: DataFrame) -> list[list[tuple[int, float, bool]]]:
    """For each detection the ships paired with it: mmsi, metres, whether a rival is near. The provider's own match goes
    first, then the nearest; a ship is paired once, a cell with as many ships as it has hulls."""
    matched, own = rows["matched"].to_numpy(), rows["mmsi"].astype("Int64")
    pairs = pairs.assign(
        said=[bool(matched[of] and own.iloc[of] == mmsi) for of, mmsi in zip(pairs["of"], pairs["mmsi"], strict=True)]
    )
    pairs = pairs[pairs["said"] | ~matched[pairs["of"].to_numpy(int)]]
    rivals = (pairs.groupby("of")["mmsi"].transform("size") > 1) | (pairs.groupby("mmsi")["of"].transform("size") > 1)
    pairs = pairs.assign(rival=rivals & ~pairs["said"]).sort_values(
        ["said", "metres", "of", "mmsi"], ascending=[False, True, True, True]
    )
    chosen: list[list[tuple[int, float, bool]]] = [[] for _ in range(len(rows))]
    room, used = rows["detections"].tolist(), set[int]()
    for of, mmsi, metres, rival in pairs[["of", "mmsi", "metres", "rival"]].itertuples(index=False):
        if mmsi not in used and len(chosen[of]) < room[of]:
            used.add(mmsi)
            chosen[of].append((int(mmsi), float(metres), bool(rival)))
    return chosen


def _possible(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    ships: DataFrame,
    chosen: list[list[tuple[int, float, bool]]],
    limits: RadarLimits,
) -> NDArray[np.int64]:
    """How many ships of ours whose place at the moment is not known could have been at each detection."""
    taken = {mmsi for of in chosen for mmsi, _, _ in of}
    placed = ships.groupby("mmsi")["placed"].transform("all") if len(ships) else ships["placed"]
    unsure = ships[~placed.astype(bool) & ~ships["mmsi"].isin(taken)]
    if not len(unsure):
        return np.zeros(len(x), dtype=np.int64)
    sx, sy = unsure["longitude"].to_numpy(float), unsure["latitude"].to_numpy(float)
    sailed = limits.reach_kn * METRES_PER_NM * unsure["wait"].to_numpy(float) / _HOUR + 2 * _CELL_M
    could = distance_m(x[:, None], y[:, None], sx, sy) <= sailed
    codes, _ = pd.factorize(unsure["mmsi"])
    return np.array([len(np.unique(codes[row])) for row in could], dtype=np.int64)


def _heard(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    fixes: DataFrame,
    at: NDArray[np.int64],
    middle: int,
    limits: RadarLimits,
) -> NDArray[np.int64]:
    """Distinct ships heard within some kilometres in the hour around the moment."""
    hour = fixes[np.abs(at - middle) <= _HOUR // 2]
    if not len(hour):
        return np.zeros(len(x), dtype=np.int64)
    codes, _ = pd.factorize(hour["mmsi"])
    far = limits.heard_km * 1000
    near = (
        distance_m(x[:, None], y[:, None], hour["longitude"].to_numpy(float), hour["latitude"].to_numpy(float)) <= far
    )
    return np.array([len(np.unique(codes[row])) for row in near], dtype=np.int64)
