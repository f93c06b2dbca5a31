"""The knowledge files that alerts and claims are judged by, and their rows in the warehouse."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property

from pandas import DataFrame, concat

from pipeline import contracts
from pipeline.judgement.alerts import Knowledge
from pipeline.judgement.articles import Articles, load_articles
from pipeline.judgement.calibration import Calibration, load_calibration
from pipeline.judgement.evidence import Weights, check_roles, load_weights
from pipeline.judgement.imagery import Imagery, load_imagery
from pipeline.judgement.measures import Measures, load_measures
from pipeline.judgement.observations import Observations, load_observations
from pipeline.judgement.patterns import Patterns, load_patterns
from pipeline.judgement.radar import RadarWeights, load_radar_weights
from pipeline.judgement.tonnage import TonnageRules, load_tonnage
from pipeline.judgement.verdicts import VerdictRules, load_verdict_rules
from pipeline.judgement.watchlists import Watchlists
from pipeline.limits import Limits


@dataclass(frozen=True)
class KnowledgeFiles:
    """Everything under `seeds/` that alerts and claims are judged by, and the editions of lists that a home keeps."""

    patterns: Patterns
    weights: Weights
    watchlists: Watchlists
    measures: Measures
    articles: Articles
    observations: Observations
    rules: VerdictRules
    tonnage: TonnageRules
    calibration: Calibration
    radar: RadarWeights
    imagery: Imagery

    @cached_property
    def hash(self) -> str:
        """Identifies what was derived with these files."""
        parts = [getattr(self, name).hash for name in self.__dataclass_fields__]
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]

    def of_alerts(self, zones: DataFrame, limits: Limits) -> Knowledge:
        """What alerts are judged by: the same object for the same two, as the reach of patterns takes long to find."""
        known = self._known
        if not known or known[0].zones is not zones or known[0].limits is not limits:
            watchlists = replace(self.watchlists, name_limits=limits.watchlist)
            known[:] = [
                Knowledge(
                    zones, self.patterns, self.weights, watchlists, self.measures, self.articles.specs, limits,
                    self.tonnage,
                )
            ]  # fmt: skip
        return known[0]

    @cached_property
    def _known(self) -> list[Knowledge]:
        """What `of_alerts` gave last."""
        return []

    def tables(self) -> list[tuple[contracts.Table, DataFrame]]:
        """The warehouse tables that show these files."""
        return [
            (contracts.MEASURE, self.measures.frame),
            (contracts.WATCHLIST, self.watchlists.lists),
            (contracts.WATCHLIST_EDITION, self.watchlists.editions),
            (contracts.WATCHLIST_HISTORY, self.watchlists.history),
            (contracts.WATCHLIST_VESSEL, self.watchlists.vessels),
            (contracts.ARTICLE, self.articles.articles),
            (contracts.CLAIM, self.articles.claims),
            (contracts.OBSERVATION, concat([self.observations.frame, self.imagery.observations()])),
            (contracts.PATTERN, self.patterns.frame),
            (contracts.CALIBRATION, self.calibration.frame),
        ]


def load_knowledge(watchlists: Watchlists, readings: DataFrame | None = None) -> KnowledgeFiles:
    """Read every knowledge file of `seeds/`.

    watchlists  the lists of the seeds, and the editions that a home keeps
    readings    READING that a home keeps; None: none
    raises      InputError naming file, line, field, found and expected
    """
    patterns, weights = load_patterns(), load_weights()
    check_roles(patterns, weights)
    return KnowledgeFiles(
        patterns,
        weights,
        watchlists,
        load_measures(),
        load_articles(),
        load_observations(),
        load_verdict_rules(),
        load_tonnage(),
        load_calibration(),
        load_radar_weights(),
        load_imagery(contracts.READING.empty() if readings is None else readings),
    )
