"""Limits: every threshold that decides what counts, typed and frozen, read from `seeds/limits.yaml` with its source.

Limits say *what counts*; `pipeline.settings` says *where*. Stages receive the part they need.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from pipeline.errors import InputError
from pipeline.resources import SEEDS
from pipeline.seedfile import load_seed


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourcedGroup(_Frozen):
    """A group of thresholds; each value in the file is `{value: …, source: …}`."""


class SourcedLimits(_Frozen):
    """Groups of thresholds; `hash` identifies them in what was derived with them."""

    hash: str


class TrackLimits(SourcedGroup):
    """When two fixes of one MMSI cannot be the same ship, and when a second hull on it is attested."""

    max_speed_kn: float
    slack_nm: float
    min_stray_fixes: int
    min_track_fixes: int
    hull_hours: float
    hull_times: int
    hull_days_apart: float


class RunLimits(SourcedGroup):
    """How fixes are compressed to runs."""

    stopped_kn: float
    moving_kn: float
    drifting_kn: float
    break_hours: float


class CoarseLimits(SourcedGroup):
    """Positions that are known within a cell and an hour."""

    still_hours: float
    doubt_hours: float


class PortCallLimits(SourcedGroup):
    """When a stay is a port call, and how sure we are of it."""

    gap_hours: float
    bridged_hours: float
    behind_lock_hours: float
    sailing_kn: float
    cargo_hours: float
    anchorage_hours: float
    anchorage_m: float
    waters_m: float


class GapLimits(SourcedGroup):
    """Which silences are AIS gaps, and when others count as heard."""

    min_hours: float
    reception_window_hours: int
    heard_share: float
    not_heard_share: float
    busy_vessel_hours: int
    cell_deg: tuple[float, ...]
    receiver_hours: float
    pass_deg: float
    least_passes: int


class OutageLimits(SourcedGroup):
    """When everyone's silence at once is an outage of reception, or a change of what the source hears."""

    min_hours: float
    max_days: int
    cell_deg: float
    busy_vessel_hours: float
    least_vessels: int
    habit_hours: int
    least_hours: int
    longest_holes: float
    apart_hours: float
    sailed_share: float
    change_days: int
    change_least_days: int
    change_share: float
    change_vessels: float
    change_cells: int


class DarkCallLimits(SourcedGroup):
    """Which silences leave time for a call at a port where coal is loaded: how fast she is, and how far it may be."""

    least_kn: float
    most_kn: float
    usual_kn: float
    sustained_hours: float
    leg_hours: float
    leg_nm: float
    lock_hours: float
    fairway_hours: float
    light_per_beam: float
    reach_nm: float


class EncounterLimits(SourcedGroup):
    """When two ships are together, and when that is an encounter."""

    distance_m: float
    alongside_m: float
    unsized_m: float
    scatter_m: float
    breadth_share: float
    steady_m: float
    spread_m: float
    noisy_spread_m: float
    slow_kn: float
    under_way_kn: float
    abreast_kn: float
    min_hours: float
    moment_minutes: float
    hole_hours: float
    rest_hours: float
    leg_hours: float
    rest_m: float
    bridge_hours: float
    apart_minutes: float
    before_hours: float
    service_types: tuple[int, ...]
    service_m: float


class TransferLimits(SourcedGroup):
    """What is looked for around an encounter: a link to North Korea, silences, draughts, where the two went."""

    link_days: float
    next_days: float
    beside_hours: float
    others_days: float
    approach_nm: float
    small_m: float


class AnomalyLimits(SourcedGroup):
    """When fixes of a ship's day are false, and when several are interference."""

    under_way_kn: float
    frozen_hours: float
    circle_nm: float
    circle_fixes: int
    circle_turns: float
    circle_scatter: float
    grid_deg: float
    grid_fixes: int
    replay_fixes: int
    replay_minutes: float
    interference_nm: float
    interference_ships: int
    range_hours: int
    range_vessels: int
    beside_hours: float


class LoiteringLimits(SourcedGroup):
    """When a slow ship at sea loiters, and when a wait off a port is a paper call."""

    min_hours: float
    pause_minutes: float
    paper_call_hours: float


class VoyageLimits(SourcedGroup):
    """What separates voyages, over which silence there is none, which stay is none, and what makes a ship laden."""

    shift_hours: float
    longest_stay_hours: float
    longest_silence_hours: float
    draught_change_m: float


class BerthLimits(SourcedGroup):
    """When two ships lay at one berth: within how many lengths of the longer one."""

    same_lengths: float
    usual_length_m: float


class DraughtLimits(SourcedGroup):
    """Until when a draught typed after a stay is read as of it, and which figure is none, a slip, or stale."""

    most_m: float
    typed_within_hours: float
    slip_hours: float
    stale_days: float


class IdentityLimits(SourcedGroup):
    """When tracks are one hull and when they are not, and which numbers are no ship's."""

    length_tolerance_m: float
    imo_placeholders: tuple[int, ...]
    width_tolerance_m: float
    same_hull_m: float
    hull_m: float
    succession_hours: float
    succession_nm: float
    sailed_on_hours: float
    sailed_on_nm: float
    nameless_hours: float
    heard_hours: float
    meanwhile_nm: float
    apart_nm: float
    near_loading_nm: float
    tied_days: float


class RadarLimits(SourcedGroup):
    """When a ship of ours is held against a radar echo, and when an echo is none."""

    pair_minutes: float
    reach_hours: float
    reach_kn: float
    heard_km: float
    near_km: float
    scene_km: float
    repeat_passes: int
    repeat_share: float
    seen_share: float
    shore_km: float


class WatchlistLimits(SourcedGroup):
    """When a name is a hint at a listed ship, and how far a list may shrink from one edition to the next."""

    name_similarity: float
    name_letters: int
    least_share: float


class Limits(SourcedLimits):
    """All limits."""

    track: TrackLimits
    run: RunLimits
    coarse: CoarseLimits
    port_call: PortCallLimits
    gap: GapLimits
    dark_call: DarkCallLimits
    outage: OutageLimits
    encounter: EncounterLimits
    transfer: TransferLimits
    anomaly: AnomalyLimits
    loitering: LoiteringLimits
    voyage: VoyageLimits
    berth: BerthLimits
    draught: DraughtLimits
    identity: IdentityLimits
    watchlist: WatchlistLimits


class RadarRules(SourcedLimits):
    """The limits of radar, in a file of their own: no event of AIS goes by them."""

    radar: RadarLimits


Model = TypeVar("Model", bound=SourcedLimits)


class _Sourced(_Frozen):
    value: float | tuple[float, ...]
    source: str


class _LimitsFile(RootModel[dict[str, dict[str, _Sourced]]]):
    """The file: group, then name, then value and source."""


def load_limits(path: Path = SEEDS / "limits.yaml") -> Limits:
    """Read the limits file.

    raises  InputError naming file, line, field and what was expected; every value needs a source
    """
    return load_sourced(path, Limits)


def load_radar_rules(path: Path = SEEDS / "radar.yaml") -> RadarRules:
    """Read the limits of radar.

    raises  InputError as `load_limits`
    """
    return load_sourced(path, RadarRules)


def load_sourced(path: Path, model: type[Model]) -> Model:
    """Read a file of thresholds, group by group, each value with its source; `hash` of the model is of the values.

    raises  InputError naming file, line, field and what was expected; every value needs a source
    """
    groups = load_seed(path, _LimitsFile).root
    values: dict[str, object] = {
        group: {name: entry.value for name, entry in entries.items()} for group, entries in groups.items()
    }
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
    try:
        return model.model_validate(values | {"hash": digest})
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
