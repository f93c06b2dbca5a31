"""Indexes of what one person proposed, and of when people decided, which each page of a long queue asks.

Revision ID: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Add the indexes: proposals are few of all reviews, and so is what was decided since a moment."""
    proposes = sa.text("decision in ('would_confirm', 'would_dismiss')")
    op.create_index("ix_review_proposed", "review", ["alert_id"], sqlite_where=proposes, postgresql_where=proposes)
    op.create_index("ix_review_decided_at", "review", ["decided_at"])


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
