"""Indexes of what one person proposed, of when people decided, and of ships with calls and voyages bought in.

Revision ID: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Add the indexes: each is of few rows of its table, or asked at each page of a long queue."""
    proposes = sa.text("decision in ('would_confirm', 'would_dismiss')")
    op.create_index("ix_review_proposed", "review", ["alert_id"], sqlite_where=proposes, postgresql_where=proposes)
    op.create_index("ix_review_decided_at", "review", ["decided_at"])
    bought = sa.text("source <> 'ais'")
    for table in ("port_call", "voyage"):
        op.create_index(f"ix_{table}_bought", table, ["mmsi"], sqlite_where=bought, postgresql_where=bought)


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
