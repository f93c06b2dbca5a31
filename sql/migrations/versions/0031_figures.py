"""Figures of providers: visits to ports by month as they count them, and how much of ships' voyages they received.

Revision ID: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the tables; runs fill them when figures have landed."""
    op.create_table(
        "provider_port_month",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("port", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("visits", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("source_file_id", sa.Text(), _file(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "port", "month"),
    )
    op.create_table(
        "provider_reception",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("ship", sa.Text(), nullable=False),
        sa.Column("mmsi", sa.BigInteger(), nullable=True),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("from_at", TIME, nullable=False),
        sa.Column("to_at", TIME, nullable=False),
        sa.Column("blocks", sa.BigInteger(), nullable=True),
        sa.Column("blocks_heard", sa.BigInteger(), nullable=True),
        sa.Column("share", sa.Double(), nullable=True),
        sa.Column("gaps", sa.BigInteger(), nullable=True),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("source_file_id", sa.Text(), _file(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "ship", "from_at"),
    )
    for name in ("mmsi", "imo"):
        op.create_index(f"ix_provider_reception_{name}", "provider_reception", [name])


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")


def _file() -> sa.ForeignKey:
    return sa.ForeignKey("source_file.source_file_id", deferrable=True, initially="DEFERRED")
