"""Claims of articles, each in each of its windows, with the verdict: a table, for a claim has no place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.export.layer import Layer, none

if TYPE_CHECKING:
    from pandas import DataFrame


def claim_layer(claims: DataFrame) -> Layer:
    """Claims as the view `claim_scoreboard` tells them, with what is known of their articles."""
    rows = claims.reset_index(drop=True)
    rows = rows.assign(window_id=rows["window_id"].fillna(""))
    return Layer(
        "claims",
        rows,
        ("claim_id", "window_id"),
        "statement",
        none(rows),
        span=("window_from_at", "window_to_at"),
        colour="verdict",
    )
