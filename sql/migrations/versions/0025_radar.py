"""Radar: passes of satellites, echoes with what AIS explains of them, and what passes saw of zones.

Revision ID: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0023"

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the tables; the next run fills them from radar files that have landed."""
    op.create_table(
        "radar_pass",
        sa.Column("radar_pass_id", sa.Text(), primary_key=True),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("from_at", TIME, nullable=False),
        sa.Column("to_at", TIME, nullable=False),
        sa.Column("moment_known", sa.Boolean(), nullable=False),
        sa.Column("known_from", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("detections", sa.BigInteger(), nullable=False),
        sa.Column("datasets", sa.Text(), nullable=True),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("known_at", TIME, nullable=False),
    )
    op.create_index("ix_radar_pass_known_at", "radar_pass", ["known_at"])
    op.create_table(
        "radar_detection",
        sa.Column("radar_detection_id", sa.Text(), primary_key=True),
        sa.Column("radar_pass_id", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("zone_id", sa.Text(), nullable=True),
        sa.Column("precision_m", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("detections", sa.BigInteger(), nullable=False),
        sa.Column("matched", sa.Boolean(), nullable=False),
        sa.Column("mmsi", sa.BigInteger(), nullable=True),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("flag", sa.Text(), nullable=True),
        sa.Column("ship_kind", sa.Text(), nullable=True),
        sa.Column("length_m", sa.Double(), nullable=True),
        sa.Column("presence_score", sa.Double(), nullable=True),
        sa.Column("matching_score", sa.Double(), nullable=True),
        sa.Column("fishing_score", sa.Double(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("repeated", sa.Boolean(), nullable=False),
        sa.Column("our_mmsi", sa.BigInteger(), nullable=True),
        sa.Column("our_distance_m", sa.Double(), nullable=True),
        sa.Column("weak", sa.Boolean(), nullable=False),
        sa.Column("ships_heard", sa.BigInteger(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("known_at", TIME, nullable=False),
        sa.Column(
            "source_file_id",
            sa.Text(),
            sa.ForeignKey("source_file.source_file_id", deferrable=True, initially="DEFERRED"),
            nullable=False,
        ),
    )
    op.create_index("ix_radar_detection_mmsi_known_at", "radar_detection", ["mmsi", "known_at"])
    op.create_index("ix_radar_detection_imo", "radar_detection", ["imo"])
    op.create_index("ix_radar_detection_known_at", "radar_detection", ["known_at"])
    op.create_table(
        "radar_look",
        sa.Column("radar_pass_id", sa.Text(), primary_key=True),
        sa.Column("zone_id", sa.Text(), primary_key=True),
        sa.Column("at", TIME, nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in (
                "echoes", "explained", "unexplained", "cannot_tell", "repeated", "ships_heard", "ships_inside",
            )
        ),
        sa.Column("known_at", TIME, nullable=False),
    )  # fmt: skip
    op.create_index("ix_radar_look_known_at", "radar_look", ["known_at"])


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
