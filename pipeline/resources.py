"""Where the knowledge files lie: beside the packages, in a checkout and in an installed wheel alike."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
SQL = ROOT / "sql"
