"""Task: what of a warehouse a selection means, read as the layers of an export."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from pipeline.export.about import COAST, About
from pipeline.export.contents import Contents
from pipeline.plain import Record
from pipeline.publish.notices import counted
from pipeline.state.glance import glance
from pipeline.tasks.sign_off import withheld
from pipeline.warehouse import exported
from pipeline.warehouse.alert_filter import alerts_on, see_known
from pipeline.warehouse.alert_ids import find_alert
from pipeline.warehouse.alerts import bearings as claims_borne_on
from pipeline.warehouse.alerts import claims as known_claims
from pipeline.warehouse.queries import source_terms
from pipeline.warehouse.ships import ais_at_hand, is_synthetic

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.export.formats import Format
    from pipeline.export.layer import Layer
    from pipeline.settings import Settings
    from pipeline.warehouse.reader import Reader
    from pipeline.warehouse.store import Warehouse

_OF_TRACK = ["vessel_id", "vessel_name", "imo", "mmsi", "grade", "synthetic", "licence"]


@dataclass(frozen=True)
class Selection:
    """What goes into an export; everything given must hold, and of several values of one kind any.

    first, last  UTC days, both inside: what overlaps them
    ship         as `coalwatch vessel` takes it
    alert        alert_ids or beginnings of them
    pattern      pattern_ids
    grade        strong, moderate, weak
    claim        labels, like C16, or claim_ids
    every        also alerts that are withdrawn, or held back by the quality gate
    """

    first: date | None = None
    last: date | None = None
    ship: tuple[str, ...] = ()
    alert: tuple[str, ...] = ()
    pattern: tuple[str, ...] = ()
    grade: tuple[str, ...] = ()
    claim: tuple[str, ...] = ()
    every: bool = False

    @property
    def of_alerts(self) -> bool:
        """Whether it names alerts, so that only what belongs to them is meant."""
        return bool(self.alert or self.pattern or self.grade or self.claim)

    def in_words(self) -> str:
        """The selection as it was given; empty if nothing was."""
        pieces = [f"--from {self.first}"] * bool(self.first) + [f"--to {self.last}"] * bool(self.last)
        for name in ("ship", "alert", "pattern", "grade", "claim"):
            pieces += [f"--{name} {one}" for one in getattr(self, name)]
        return " ".join([*pieces, *(["--all"] * self.every)])


class Reading:
    """One reading of a warehouse, as it is when it is opened, for one selection."""

    def __init__(
        self, settings: Settings, warehouse: Reader | Warehouse, wanted: Selection, hulls: Collection[str] | None
    ) -> None:
        from pipeline.export.layer import typed

        self._settings = settings
        self._warehouse, self._wanted, self._hulls = warehouse, wanted, hulls
        self._days = exported.Days(wanted.first, wanted.last)
        self._typed = typed
        self._every_alert = typed(*exported.alerts(warehouse, hulls))
        self._alerts, self._left_out = self._chosen(self._every_alert)
        self._evidence = self._of_alerts(exported.evidence)
        self._bearings = self._of_alerts(exported.bearings)
        self._zone_points = typed(*exported.zone_points(warehouse))

    def contents(self, subjects: tuple[str, ...], form: Format, unheard: list[str]) -> Contents:
        """What was chosen of the subjects; `unheard` is left out too. Ships that must not be named outside are not."""
        layers = tuple(getattr(self, f"_{name}_layer")() for name in subjects)
        ties: dict[str, DataFrame] = {"evidence": self._evidence, "bearings": self._bearings}
        if form.name == "ftm":
            named = self._hulls
            if self._wanted.of_alerts:
                named = {hull for layer in layers if "vessel_id" in layer.rows for hull in layer.rows["vessel_id"]}
            ties |= {
                "ships": self._typed(*exported.ships(self._warehouse, exported.Days(), named)),
                "listed": self._typed(*exported.listed(self._warehouse, named)),
                "names": self._typed(*exported.names(self._warehouse, named)),
                "claims": self._typed(*exported.claims(self._warehouse)),
                "zone_points": self._zone_points,
            }
        hidden = withheld(self._settings)
        layers = tuple(replace(layer, rows=hidden.hide_frame(layer.rows)) for layer in layers)
        about = replace(
            self._about(layers, form, hidden.hide(unheard)), selection=hidden.hide(self._wanted.in_words())
        )  # fmt: skip
        return Contents(about, layers, {name: hidden.hide_frame(frame) for name, frame in ties.items()})

    def _about(self, layers: tuple[Layer, ...], form: Format, unheard: list[str]) -> About:
        ais, sources = ais_at_hand(self._warehouse), exported.sources(self._warehouse)
        names = [layer.name for layer in layers]
        licences = [COAST] if "zones" in names else []
        if "ships" in names or form.name == "ftm":
            lists = self._typed(*exported.listed(self._warehouse, None))
            licences += sorted({f"List {one.title}: {one.licence}" for one in lists.itertuples()})
        left_out = [*unheard, *(self._left_out if {"alerts", "tracks"} & set(names) else [])]
        if "events" in names and ais["held_back"]:
            left_out.append(f"events that the data of {counted(ais['held_back'], 'day')} held back would establish")
        return About(
            selection=self._wanted.in_words(),
            rows={layer.name: len(layer.rows) for layer in layers},
            data_from=ais["from_day"],
            data_to=ais["to_day"],
            days=ais["days"],
            held_back=ais["held_back"],
            sources=tuple(sources),
            terms=tuple(source_terms(self._warehouse)),
            licences=tuple(licences),
            synthetic=any(_is_synthetic(layer, sources) for layer in layers),
            left_out=tuple(left_out),
        )

    # ------------------------------------------------------------------------------------------------------ layers

    def _alerts_layer(self) -> Layer:
        from pipeline.export.alerts import alert_layer

        return alert_layer(
            self._alerts, self._evidence, self._bearings, self._of_alerts(exported.tracks), self._zone_points
        )

    def _tracks_layer(self) -> Layer:
        from pipeline.export.tracks import track_layer

        if self._hulls is not None and not self._wanted.of_alerts:
            if glance(self._settings.home) is not None:
                return track_layer(*self._tracks_of_ships(self._hulls))
            self._left_out.append(f"tracks apart from those of alerts: home {self._settings.home} has no lake")
        points = self._of_alerts(exported.tracks).rename(columns={"alert_id": "line_id"})
        return track_layer(points, self._alerts[["alert_id", *_OF_TRACK]].assign(line_id=self._alerts["alert_id"]))

    def _tracks_of_ships(self, hulls: Collection[str]) -> tuple[DataFrame, DataFrame]:
        """Points and lines, as `track_layer` takes them, of all that was heard of hulls within the days."""
        from pandas import Timedelta, Timestamp

        from pipeline.tasks.alert_tracks import number_of_track, tracks_between
        from pipeline.tasks.home import Home

        tracks = number_of_track(self._typed(*exported.ship_tracks(self._warehouse, hulls)))
        wanted = tracks.rename(columns={"track_id": "alert_id", "to_at": "ended_at"})
        if self._wanted.first:
            wanted["from_at"] = wanted["from_at"].clip(lower=Timestamp(self._wanted.first, tz="UTC"))
        if self._wanted.last:
            end = Timestamp(self._wanted.last, tz="UTC") + Timedelta(days=1, microseconds=-1)
            wanted["ended_at"] = wanted["ended_at"].clip(upper=end)
        wanted = wanted[wanted["from_at"] <= wanted["ended_at"]]
        points = tracks_between(Home(self._settings), wanted).rename(columns={"alert_id": "line_id"})
        terms = "; ".join(sorted({one["licence"] for one in source_terms(self._warehouse)})) or None
        lines = tracks.rename(columns={"track_id": "line_id"}).drop(columns=["from_at", "to_at", "track"])
        return points, lines.assign(
            alert_id=None, grade=None, licence=terms, synthetic=is_synthetic(self._warehouse)
        ).astype({"alert_id": "str", "grade": "str", "licence": "str"})[["line_id", "alert_id", *_OF_TRACK]]

    def _events_layer(self) -> Layer:
        from pipeline.export.events import event_layer

        return event_layer(*self._placed_events(self._hulls, evidence_alone=self._wanted.of_alerts), self._zone_points)

    def _placed_events(self, hulls: Collection[str] | None, *, evidence_alone: bool) -> tuple[DataFrame, DataFrame]:
        """Events of hulls and the days, all or those that are evidence of the alerts, and where AIS placed them."""
        named: set[tuple[str, str]] | None = None
        if evidence_alone:
            of = self._evidence[self._evidence["event_id"].notna()]
            visit = exported.visits(self._warehouse, of["event_id"].tolist())
            named = set(zip(of["event_table"], of["event_id"].map(lambda one: visit.get(one, one)), strict=True))
        ids = None if named is None else {event_id for _, event_id in named}
        events = self._typed(*exported.events(self._warehouse, self._days, hulls, ids))
        if named is not None:
            events = events[[key in named for key in zip(events["event_table"], events["event_id"], strict=True)]]
        selected = named is not None or hulls is not None
        placed = exported.positions(self._warehouse, events["event_id"].tolist() if selected else None)
        return events, self._typed(*placed)

    def _ships_layer(self) -> Layer:
        from pipeline.export.events import event_layer
        from pipeline.export.ships import ship_layer

        hulls = set(self._alerts["vessel_id"]) if self._wanted.of_alerts else self._hulls
        ships, names, listed = (
            self._typed(*answer)
            for answer in (
                exported.ships(self._warehouse, self._days, hulls),
                exported.names(self._warehouse, hulls),
                exported.listed(self._warehouse, hulls),
            )
        )
        placed = event_layer(*self._placed_events(hulls, evidence_alone=False), self._zone_points)
        standing = self._every_alert[self._every_alert["status"] == "standing"]
        return ship_layer(ships, names, listed, standing, placed)

    def _zones_layer(self) -> Layer:
        from pipeline.export.zones import zone_layer
        from pipeline.tasks.home import read_zones

        return zone_layer(read_zones())

    def _claims_layer(self) -> Layer:
        from pipeline.export.claims import claim_layer

        claims, wanted = self._typed(*exported.claims(self._warehouse)), self._wanted
        if wanted.claim:
            claims = claims[claims["label"].isin(_upper(wanted.claim)) | claims["claim_id"].isin(wanted.claim)]
        elif wanted.of_alerts or self._hulls is not None:
            claims = claims[claims["claim_id"].isin(self._bearings["claim_id"])]
        if wanted.first:
            claims = claims[~(claims["window_to_at"] <= f"{wanted.first}T00:00Z")]
        if wanted.last:
            claims = claims[~(claims["window_from_at"] > f"{wanted.last}T23:59:59Z")]
        return claim_layer(claims)

    # ------------------------------------------------------------------------------------------------------- chosen

    def _of_alerts(self, ask: Callable[[Reader | Warehouse, Collection[str] | None], exported.Answer]) -> DataFrame:
        """The answer about the alerts that were chosen."""
        return self._typed(*ask(self._warehouse, self._alerts["alert_id"].tolist()))

    def _chosen(self, alerts: DataFrame) -> tuple[DataFrame, list[str]]:
        """The alerts of the selection, and what is left out of them in sentences.

        raises  InputError for an unknown alert, pattern, grade or claim
        """
        from pandas import Timedelta, Timestamp

        wanted = self._wanted
        if wanted.pattern:
            from pipeline.judgement.patterns import load_patterns

            see_known("pattern", wanted.pattern, sorted(load_patterns().frame["pattern_id"]))
            alerts = alerts[alerts["pattern_id"].isin(wanted.pattern)]
        if wanted.grade:
            alerts = alerts[alerts["grade"].isin(wanted.grade)]
        if wanted.claim:
            borne = alerts_on(wanted.claim, known_claims(self._warehouse), claims_borne_on(self._warehouse))
            alerts = alerts[alerts["alert_id"].isin(borne)]
        if self._hulls is not None:
            alerts = alerts[alerts["vessel_id"].isin(self._hulls)]
        if wanted.first:
            alerts = alerts[alerts["ended_at"] >= Timestamp(wanted.first, tz="UTC")]
        if wanted.last:
            alerts = alerts[alerts["began_at"] < Timestamp(wanted.last, tz="UTC") + Timedelta(days=1)]
        if wanted.alert:  # a person who names an alert means it, whatever became of it
            named = {find_alert(self._warehouse, one) for one in wanted.alert}
            return alerts[alerts["alert_id"].isin(named)].reset_index(drop=True), []
        standing = alerts["status"] == "standing"
        counts = alerts.loc[~standing, "status"].value_counts().sort_index()
        left_out = [f"{counted(int(number), 'alert')} {status}: --all" for status, number in counts.items()]
        return (alerts, []) if wanted.every else (alerts[standing].reset_index(drop=True), left_out)


def _is_synthetic(layer: Layer, sources: list[Record]) -> bool:
    """Whether any row is, or that there is none: rows say so themselves; ships, and what is not there, rest on what was
    heard, and a home hears real or synthetic ships."""
    if len(layer.rows) and "synthetic" in layer.rows:
        return bool(layer.rows["synthetic"].fillna(False).any())
    return layer.name not in ("zones", "claims") and any(one["synthetic"] for one in sources)


def _upper(names: tuple[str, ...]) -> list[str]:
    return [name.upper() for name in names]
