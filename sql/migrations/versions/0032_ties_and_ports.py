"""Indexes by which a ship's ties to others, and the visits to a port, are found without reading those of all.

Revision ID: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Add the other side of meetings and of pairs, the order of calls at each berth, and ports in any case."""
    for table in ("encounter", "identity_change"):
        op.create_index(f"ix_{table}_other_vessel_id", table, ["other_vessel_id"])
    at_berth = sa.text("berth_zone_id is not null")
    op.create_index(
        "ix_port_call_berth",
        "port_call",
        ["berth_zone_id", "arrived_by", "port_call_id"],
        sqlite_where=at_berth,
        postgresql_where=at_berth,
    )
    for table, ports in (("port_visit", ["port"]), ("voyage", ["origin_port", "destination_port"])):
        op.create_index(f"ix_{table}_{'_'.join(ports)}", table, [sa.text(f"lower({name})") for name in ports])


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
