"""Events bought in from providers: what they say of them, and places that are no zone of ours.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

EVENTS = ("port_call", "ais_gap", "encounter", "loitering", "draught_change", "identity_change", "voyage")
MAY_BE_NULL = {
    "port_call": {"zone_id": sa.Text(), "country": sa.Text()},
    "encounter": {"median_distance_m": sa.Double(), "median_speed_kn": sa.Double()},
    "voyage": {"origin_zone_id": sa.Text(), "origin_country": sa.Text()},
}


def upgrade() -> None:
    """Add the provider's note to every event; a provider may leave open what our own events always tell."""
    for name in EVENTS:
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("provider_note", sa.Text(), nullable=True))
            for column, kind in MAY_BE_NULL.get(name, {}).items():
                table.alter_column(column, existing_type=kind, nullable=True)


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
