"""Events bought in from providers.

Revision ID: 0003
"""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change the tables."""


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
