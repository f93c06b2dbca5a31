"""ClaimReview (schema.org, JSON-LD): verdicts on claims in the words of seeds/claim_ratings.yaml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import RootModel

from pipeline.export.about import About, notes
from pipeline.export.contents import Contents
from pipeline.export.layer import plain_rows
from pipeline.plain import Record
from pipeline.resources import SEEDS
from pipeline.seedfile import Seed, load_seed

RATINGS = SEEDS / "claim_ratings.yaml"
BEST, WORST = 5, 1


class Rating(Seed):
    """What a verdict is called in a ClaimReview.

    name    words that readers see
    value   from 1 to 5; None: none is given, for the verdict says nothing of the claim
    reason  why
    """

    name: str
    value: int | None
    reason: str


class Ratings(RootModel[dict[str, Rating]]):
    """The rating of each verdict."""


def load_ratings(path: Path = RATINGS) -> dict[str, Rating]:
    """Read the rating of each verdict.

    raises  InputError naming file, line, field, found and expected
    """
    return load_seed(path, Ratings).root


def write_claimreview(contents: Contents, path: Path) -> None:
    """A graph: the export as a Dataset, with its terms and what AIS cannot prove, then one ClaimReview a verdict."""
    layer, ratings = contents.of("claims"), load_ratings()
    rows = plain_rows(layer) if layer is not None else []
    graph = [_dataset(contents.about), *(_review(row, contents.about, ratings) for row in rows if row["verdict"])]
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _dataset(about: About) -> Record:
    days = f"{about.data_from}/{about.data_to}" if about.data_to else None
    return _filled(
        {
            "@type": "Dataset",
            "@id": "urn:coalwatch:export",
            "name": about.title,
            "description": " ".join(about.notes),
            "license": about.terms_in_words,
            "temporalCoverage": days,
            "creator": _us(about),
            "keywords": ["synthetic"] if about.synthetic else None,
        }
    )


def _review(row: Record, about: About, ratings: dict[str, Rating]) -> Record:
    rating = ratings[row["verdict"]]
    made_up = "SYNTHETIC ARTICLE, made up for demonstration. " if row["synthetic"] else ""
    window = f"For {row['window_from_at'][:10]} to {row['window_to_at'][:10]} (UTC, the last day not included)"
    article = _filled(
        {
            "@type": "NewsArticle" if not row["synthetic"] else "CreativeWork",
            "headline": row["title"],
            "url": row["url"],
            "datePublished": row["published_at"],
            "author": row["author"] and {"@type": "Person", "name": row["author"]},
            "publisher": {"@type": "Organization", "name": row["publisher"]},
        }
    )
    return _filled(
        {
            "@type": "ClaimReview",
            "@id": f"urn:coalwatch:claim:{row['claim_id']}:{row['window_id']}",
            "isPartOf": {"@id": "urn:coalwatch:export"},
            "claimReviewed": row["statement"],
            "itemReviewed": {
                "@type": "Claim",
                "@id": f"urn:coalwatch:claim:{row['claim_id']}",
                "author": {"@type": "Thing", "name": row["speaker"]},
                "datePublished": row["published_at"],
                "appearance": article,
            },
            "author": _us(about),
            "reviewRating": _filled(
                {
                    "@type": "Rating",
                    "alternateName": rating.name,
                    "ratingValue": rating.value,
                    "bestRating": BEST if rating.value is not None else None,
                    "worstRating": WORST if rating.value is not None else None,
                    "ratingExplanation": f"{row['verdict']}: {rating.reason}",
                }
            ),
            "reviewBody": f"{made_up}{window}: {row['reason']} What would change it: {row['would_change_it']} "
            f"{' '.join(notes(synthetic=row['synthetic']))}",
            "temporalCoverage": f"{row['window_from_at']}/{row['window_to_at']}",
        }
    )


def _us(about: About) -> Record:
    return {"@type": "Organization", "name": f"{about.generator} (automatic assessment, no editorial decision)"}


def _filled(item: dict[str, Any]) -> Record:
    return {name: value for name, value in item.items() if value is not None}
