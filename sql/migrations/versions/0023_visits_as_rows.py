"""Visits as rows, which follow from those of their calls: summing all calls anew for each question took seconds.

Revision ID: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
# What the view of this name said until now.
VISITS = """
insert into port_visit
with ordered as (
    select port_call.*,
           count(*) over visit as parts,
           sum(stopped_hours) over visit as all_stopped_hours,
           max(max_silence_hours) over visit as longest_silence_hours,
           max(confidence) over visit as best_confidence,
           max(known_at) over visit as last_known_at,
           max(case when implausible_stay then 1 else 0 end) over visit = 1 as any_implausible,
           first_value(cut_at_start) over from_first as first_cut_at_start,
           first_value(arrived_after) over from_first as first_arrived_after,
           first_value(arrived_by) over from_first as first_arrived_by,
           first_value(draught_in_m) over from_first as first_draught_in_m,
           first_value(departed_after) over from_last as last_departed_after,
           first_value(departed_by) over from_last as last_departed_by,
           first_value(state) over from_last as last_state,
           first_value(draught_out_m) over from_last as last_draught_out_m,
           row_number() over (
               partition by visit_id
               order by case when berth_zone_id is not null then 0 when zone.kind = 'anchorage' then 2 else 1 end,
                        coalesce(stopped_hours, 0) desc, arrived_by, port_call_id
           ) as nth_place
    from port_call
    left join zone on zone.zone_id = port_call.zone_id
    window visit as (partition by visit_id),
           from_first as (partition by visit_id order by arrived_by, port_call_id),
           from_last as (partition by visit_id order by arrived_by desc, port_call_id desc)
)
select visit_id, vessel_id, track_id, mmsi, imo, source, last_known_at, first_cut_at_start, provider_note, licence,
       zone_id, berth_zone_id, port, country, parts, first_arrived_after, first_arrived_by, last_departed_after,
       last_departed_by, last_state, round(cast(all_stopped_hours as numeric), 6), longest_silence_hours,
       first_draught_in_m, last_draught_out_m, best_confidence, any_implausible
from ordered
where nth_place = 1
"""


def upgrade() -> None:
    """Add the table with the visits of the calls there are, and the index that a visit finds its calls by."""
    op.create_table(
        "port_visit",
        sa.Column("visit_id", sa.Text(), nullable=False),
        sa.Column("vessel_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=True),
        sa.Column("mmsi", sa.BigInteger(), nullable=False),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known_at", TIME, nullable=False),
        sa.Column("cut_at_start", sa.Boolean(), nullable=False),
        sa.Column("provider_note", sa.Text(), nullable=True),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("zone_id", sa.Text(), nullable=True),
        sa.Column("berth_zone_id", sa.Text(), nullable=True),
        sa.Column("port", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("parts", sa.BigInteger(), nullable=False),
        sa.Column("arrived_after", TIME, nullable=True),
        sa.Column("arrived_by", TIME, nullable=False),
        sa.Column("departed_after", TIME, nullable=True),
        sa.Column("departed_by", TIME, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stopped_hours", sa.Double(), nullable=True),
        sa.Column("max_silence_hours", sa.Double(), nullable=True),
        sa.Column("draught_in_m", sa.Double(), nullable=True),
        sa.Column("draught_out_m", sa.Double(), nullable=True),
        sa.Column("confidence", sa.BigInteger(), nullable=False),
        sa.Column("implausible_stay", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("visit_id"),
    )
    op.execute(VISITS)
    op.create_index("ix_port_visit_imo", "port_visit", ["imo"])
    op.create_index("ix_port_visit_known_at", "port_visit", ["known_at"])
    op.create_index("ix_port_visit_mmsi_known_at", "port_visit", ["mmsi", "known_at"])
    is_open = sa.text("departed_by IS NULL")
    op.create_index("ix_port_visit_open", "port_visit", ["mmsi"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_port_visit_vessel_id", "port_visit", ["vessel_id"])
    op.create_index("ix_port_call_visit_id", "port_call", ["visit_id"])
    op.drop_index("ix_port_call_later_part", "port_call")


def downgrade() -> None:
    """There is no way back: delete the warehouse and derive it again."""
    raise NotImplementedError("a migration cannot be undone; delete the warehouse and derive it again")
