"""What recorded answers of providers tell: stays that are none, reception, ships without a number, owners with dates.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
ADDED = {
    "port_call": {"implausible_stay": sa.Boolean()},
    "ais_gap": {"satellite_positions_per_day": sa.Double()},
    "vessel_particulars": {"owner_from_at": TIME, "owner_to_at": TIME, "owners": sa.Text(), "dataset": sa.Text()},
}
MAY_BE_NULL = {"other_vessel_id": sa.Text(), "other_mmsi": sa.BigInteger()}


def upgrade() -> None:
    """Add the columns; the next run tells again what was bought in, and fills them."""
    for name, columns in ADDED.items():
        with op.batch_alter_table(name) as table:
            for column, kind in columns.items():
                table.add_column(sa.Column(column, kind, nullable=True))
    with op.batch_alter_table("encounter") as table:
        for column, kind in MAY_BE_NULL.items():
            table.alter_column(column, existing_type=kind, nullable=True)


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
