"""The quality gate: which UTC days are fit to be published, judged from what has landed.

Four checks of a day, each against the habit of what came before it:

    coverage          fixes of all sources, against the same weekdays before
    source_coverage   fixes of one source, likewise
    rejects           share of rows rejected in a source's files, against the files before
    layout            columns of a source's files, against the files before

The checks are a function of the landed data as it is now known, whatever the order in which it came: when a day or file
changes, those that were compared with it are judged again. How old a source is depends on the wall clock, so it is no
check of a day: `promises.stale_sources` computes it on request.
"""

from __future__ import annotations

import pandas as pd
from pandas import DataFrame

from pipeline.contracts import DAY_CHECK
from pipeline.publish.coverage import check_coverage
from pipeline.publish.file_checks import StandingFiles, check_layouts, check_rejects
from pipeline.publish.rules import GateRules


def check_days(source_days: DataFrame, files: StandingFiles, rules: GateRules) -> DataFrame:
    """Judge every UTC day of the landed data.

    source_days  SOURCE_DAY
    returns      DAY_CHECK, sorted by key. A day without data has rows only where they fail: there is a habit, and
                 nothing came. The subject of the checks of files is their source; the row describes its worst file
    """
    found = [
        check_coverage(source_days, rules.coverage),
        check_rejects(files, rules.rejects),
        check_layouts(files, rules.layout),
    ]
    checks = pd.concat([frame for frame in found if len(frame)] or [DAY_CHECK.empty()])
    return DAY_CHECK.conform(checks.sort_values(list(DAY_CHECK.key)))
