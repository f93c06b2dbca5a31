"""The history of sanctions lists: editions, and entries as they said then.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

DAY = sa.Date().with_variant(sa.Text(), "sqlite")


def particulars() -> list[sa.Column]:
    """What a list says of a ship besides name and number."""
    return [
        sa.Column("mmsi", sa.BigInteger(), nullable=True),
        sa.Column("programme", sa.Text(), nullable=True),
        sa.Column("ship_kind", sa.Text(), nullable=True),
        sa.Column("flag", sa.Text(), nullable=True),
        sa.Column("gross_tonnage", sa.Double(), nullable=True),
        sa.Column("dead_weight_t", sa.Double(), nullable=True),
        sa.Column("length_m", sa.Double(), nullable=True),
        sa.Column("built", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
    ]


def upgrade() -> None:
    """Add the tables and columns; the next run fills them from the knowledge files and the editions of the home."""
    with op.batch_alter_table("watchlist") as table:
        table.add_column(sa.Column("url", sa.Text(), nullable=True))
    with op.batch_alter_table("watchlist_vessel") as table:
        for name in ("listed_after", "delisted_after", "delisted_by"):
            table.add_column(sa.Column(name, DAY, nullable=True))
        for column in particulars():
            table.add_column(column)
    op.create_index("ix_watchlist_vessel_mmsi", "watchlist_vessel", ["mmsi"])
    op.create_table(
        "watchlist_edition",
        sa.Column("watchlist_id", sa.Text(), nullable=False),
        sa.Column("published_on", DAY, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("left_out", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("watchlist_id", "published_on"),
    )
    op.create_table(
        "watchlist_history",
        sa.Column("watchlist_id", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("from_edition", DAY, nullable=False),
        sa.Column("after_edition", DAY, nullable=True),
        sa.Column("last_edition", DAY, nullable=True),
        sa.Column("to_edition", DAY, nullable=True),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("other_names", sa.Text(), nullable=True),
        sa.Column("listed_on", DAY, nullable=True),
        sa.Column("delisted_on", DAY, nullable=True),
        sa.Column("measures", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        *particulars(),
        sa.PrimaryKeyConstraint("watchlist_id", "entry_id", "from_edition"),
    )
    for name in ("imo", "mmsi"):
        op.create_index(f"ix_watchlist_history_{name}", "watchlist_history", [name])


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
