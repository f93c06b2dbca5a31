"""What providers tell of the ships that their events name.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the table; runs fill it when particulars have landed."""
    file = sa.ForeignKey("source_file.source_file_id", deferrable=True, initially="DEFERRED")
    op.create_table(
        "vessel_particulars",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("ship", sa.Text(), nullable=False),
        sa.Column("mmsi", sa.BigInteger(), nullable=True),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("imo_note", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("call_sign", sa.Text(), nullable=True),
        sa.Column("flag", sa.Text(), nullable=True),
        sa.Column("ship_kind", sa.Text(), nullable=True),
        sa.Column("length_m", sa.Double(), nullable=True),
        sa.Column("gross_tonnage", sa.Double(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("registries", sa.Text(), nullable=True),
        sa.Column("from_at", TIME, nullable=True),
        sa.Column("to_at", TIME, nullable=True),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("source_file_id", sa.Text(), file, nullable=False),
        sa.PrimaryKeyConstraint("provider", "ship"),
    )
    for name in ("mmsi", "imo"):
        op.create_index(f"ix_vessel_particulars_{name}", "vessel_particulars", [name])


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
