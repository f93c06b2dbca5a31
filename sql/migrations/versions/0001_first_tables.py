"""The first tables: files and their rejects, ships, zones, events, law, lists, articles, alerts, reviews, runs.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Times and days are text on SQLite, which has no type for them (see docs/sql.md).
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Create all tables, their indexes, and the guard of the reviews."""
    op.create_table(
        "view_text",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "source_file",
        sa.Column("source_file_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("from_at", TIME, nullable=True),
        sa.Column("to_at", TIME, nullable=True),
        sa.Column("rows_read", sa.BigInteger(), nullable=False),
        sa.Column("positions", sa.BigInteger(), nullable=False),
        sa.Column("vessel_reports", sa.BigInteger(), nullable=False),
        sa.Column("both", sa.BigInteger(), nullable=False),
        sa.Column("not_ships", sa.BigInteger(), nullable=False),
        sa.Column("message_parts", sa.BigInteger(), nullable=False),
        sa.Column("duplicates", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("replaced_by_source_file_id", sa.Text(), _reference("source_file.source_file_id"), nullable=True),
        sa.Column("landed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("source_file_id"),
    )
    op.create_table(
        "rejected_row_count",
        sa.Column("source_file_id", sa.Text(), _reference("source_file.source_file_id"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("first_line", sa.BigInteger(), nullable=False),
        sa.Column("example", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("source_file_id", "reason"),
    )
    op.create_table(
        "vessel",
        sa.Column("vessel_id", sa.Text(), nullable=False),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("mmsi", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("call_sign", sa.Text(), nullable=True),
        sa.Column("flag", sa.Text(), nullable=True),
        sa.Column("ship_type", sa.BigInteger(), nullable=True),
        sa.Column("length_m", sa.Double(), nullable=True),
        sa.Column("width_m", sa.Double(), nullable=True),
        sa.Column("from_at", TIME, nullable=False),
        sa.Column("to_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("vessel_id"),
    )
    op.create_index("ix_vessel_imo", "vessel", ["imo"])
    op.create_index("ix_vessel_mmsi", "vessel", ["mmsi"])
    op.create_table(
        "vessel_identity",
        sa.Column("vessel_identity_id", sa.Text(), nullable=False),
        sa.Column("vessel_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("mmsi", sa.BigInteger(), nullable=False),
        sa.Column("flag", sa.Text(), nullable=True),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("imo_valid", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("call_sign", sa.Text(), nullable=True),
        sa.Column("ship_type", sa.BigInteger(), nullable=True),
        sa.Column("length_m", sa.Double(), nullable=True),
        sa.Column("width_m", sa.Double(), nullable=True),
        sa.Column("from_at", TIME, nullable=False),
        sa.Column("to_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("vessel_identity_id"),
    )
    op.create_index("ix_vessel_identity_imo", "vessel_identity", ["imo"])
    op.create_index("ix_vessel_identity_mmsi", "vessel_identity", ["mmsi"])
    op.create_index("ix_vessel_identity_vessel_id", "vessel_identity", ["vessel_id"])
    op.create_table(
        "track",
        sa.Column("track_id", sa.Text(), nullable=False),
        sa.Column("mmsi", sa.BigInteger(), nullable=False),
        sa.Column("vessel_id", sa.Text(), nullable=False),
        sa.Column("from_at", TIME, nullable=False),
        sa.Column("to_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("track_id"),
    )
    op.create_index("ix_track_mmsi", "track", ["mmsi"])
    op.create_index("ix_track_vessel_id", "track", ["vessel_id"])
    op.create_table(
        "zone",
        sa.Column("zone_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_zone_id", sa.Text(), nullable=True),
        sa.Column("call_zone_id", sa.Text(), nullable=True),
        sa.Column("port", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("loads_coal", sa.Boolean(), nullable=False),
        sa.Column("receives_coal", sa.Boolean(), nullable=False),
        sa.Column("precision", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("valid_from", DAY, nullable=True),
        sa.Column("valid_to", DAY, nullable=True),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("geometry", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("zone_id"),
    )
    op.create_table(
        "coverage_day",
        sa.Column("zone_id", sa.Text(), nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("hours_heard", sa.BigInteger(), nullable=False),
        sa.Column("coverage_share", sa.Double(), nullable=False),
        sa.Column("vessels_heard", sa.BigInteger(), nullable=False),
        sa.Column("fixes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("zone_id", "day"),
    )
    op.create_index("ix_coverage_day_day", "coverage_day", ["day"])
    op.create_table(
        "port_call",
        sa.Column("port_call_id", sa.Text(), nullable=False),
        sa.Column("vessel_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=True),
        sa.Column("mmsi", sa.BigInteger(), nullable=False),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known_at", TIME, nullable=False),
        sa.Column("cut_at_start", sa.Boolean(), nullable=False),
        sa.Column("zone_id", sa.Text(), nullable=False),
        sa.Column("berth_zone_id", sa.Text(), nullable=True),
        sa.Column("port", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("arrived_after", TIME, nullable=True),
        sa.Column("arrived_by", TIME, nullable=False),
        sa.Column("departed_after", TIME, nullable=True),
        sa.Column("departed_by", TIME, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_stop_at", TIME, nullable=True),
        sa.Column("stopped_hours", sa.Double(), nullable=True),
        sa.Column("draught_in_m", sa.Double(), nullable=True),
        sa.Column("draught_in_at", TIME, nullable=True),
        sa.Column("draught_out_m", sa.Double(), nullable=True),
        sa.Column("draught_out_at", TIME, nullable=True),
        sa.Column("confidence", sa.BigInteger(), nullable=False),
        sa.Column("max_silence_hours", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("port_call_id"),
    )
    op.create_index("ix_port_call_imo", "port_call", ["imo"])
    op.create_index("ix_port_call_known_at", "port_call", ["known_at"])
    op.create_index("ix_port_call_mmsi_known_at", "port_call", ["mmsi", "known_at"])
    _index_open("ix_port_call_open", "port_call", "departed_by")
    op.create_index("ix_port_call_vessel_id", "port_call", ["vessel_id"])
    op.create_table(
        "ais_gap",
        sa.Column("ais_gap_id", sa.Text(), nullable=False),
        sa.Column("vessel_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=True),
        sa.Column("mmsi", sa.BigInteger(), nullable=False),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known_at", TIME, nullable=False),
        sa.Column("cut_at_start", sa.Boolean(), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("hours", sa.Double(), nullable=True),
        sa.Column("off_longitude", sa.Double(), nullable=False),
        sa.Column("off_latitude", sa.Double(), nullable=False),
        sa.Column("on_longitude", sa.Double(), nullable=True),
        sa.Column("on_latitude", sa.Double(), nullable=True),
        sa.Column("off_zone_id", sa.Text(), nullable=True),
        sa.Column("on_zone_id", sa.Text(), nullable=True),
        sa.Column("distance_nm", sa.Double(), nullable=True),
        sa.Column("implied_speed_kn", sa.Double(), nullable=True),
        sa.Column("reception", sa.Text(), nullable=False),
        sa.Column("reception_cell_deg", sa.Double(), nullable=True),
        sa.Column("hours_tested", sa.BigInteger(), nullable=False),
        sa.Column("hours_heard", sa.BigInteger(), nullable=False),
        sa.Column("vessel_hours_before", sa.BigInteger(), nullable=False),
        sa.Column("feasible_zone_id", sa.Text(), nullable=True),
        sa.Column("feasible_stay_hours", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("ais_gap_id"),
    )
    op.create_index("ix_ais_gap_imo", "ais_gap", ["imo"])
    op.create_index("ix_ais_gap_known_at", "ais_gap", ["known_at"])
    op.create_index("ix_ais_gap_mmsi_known_at", "ais_gap", ["mmsi", "known_at"])
    _index_open("ix_ais_gap_open", "ais_gap", "ended_at")
    op.create_index("ix_ais_gap_vessel_id", "ais_gap", ["vessel_id"])
    op.create_table(
        "encounter",
        sa.Column("encounter_id", sa.Text(), nullable=False),
        sa.Column("vessel_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=True),
        sa.Column("mmsi", sa.BigInteger(), nullable=False),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known_at", TIME, nullable=False),
        sa.Column("cut_at_start", sa.Boolean(), nullable=False),
        sa.Column("other_vessel_id", sa.Text(), nullable=False),
        sa.Column("other_track_id", sa.Text(), nullable=True),
        sa.Column("other_mmsi", sa.BigInteger(), nullable=False),
        sa.Column("other_imo", sa.BigInteger(), nullable=True),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("median_distance_m", sa.Double(), nullable=False),
        sa.Column("median_speed_kn", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("zone_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("encounter_id"),
    )
    op.create_index("ix_encounter_imo", "encounter", ["imo"])
    op.create_index("ix_encounter_known_at", "encounter", ["known_at"])
    op.create_index("ix_encounter_mmsi_known_at", "encounter", ["mmsi", "known_at"])
    _index_open("ix_encounter_open", "encounter", "ended_at")
    op.create_index("ix_encounter_vessel_id", "encounter", ["vessel_id"])
    op.create_table(
        "loitering",
        sa.Column("loitering_id", sa.Text(), nullable=False),
        sa.Column("vessel_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=True),
        sa.Column("mmsi", sa.BigInteger(), nullable=False),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known_at", TIME, nullable=False),
        sa.Column("cut_at_start", sa.Boolean(), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("hours", sa.Double(), nullable=True),
        sa.Column("distance_nm", sa.Double(), nullable=True),
        sa.Column("mean_speed_kn", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("zone_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("loitering_id"),
    )
    op.create_index("ix_loitering_imo", "loitering", ["imo"])
    op.create_index("ix_loitering_known_at", "loitering", ["known_at"])
    op.create_index("ix_loitering_mmsi_known_at", "loitering", ["mmsi", "known_at"])
    _index_open("ix_loitering_open", "loitering", "ended_at")
    op.create_index("ix_loitering_vessel_id", "loitering", ["vessel_id"])
    op.create_table(
        "draught_change",
        sa.Column("draught_change_id", sa.Text(), nullable=False),
        sa.Column("vessel_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=True),
        sa.Column("mmsi", sa.BigInteger(), nullable=False),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known_at", TIME, nullable=False),
        sa.Column("cut_at_start", sa.Boolean(), nullable=False),
        sa.Column("changed_after", TIME, nullable=False),
        sa.Column("changed_by", TIME, nullable=False),
        sa.Column("draught_before_m", sa.Double(), nullable=False),
        sa.Column("draught_after_m", sa.Double(), nullable=False),
        sa.Column("change_m", sa.Double(), nullable=False),
        sa.Column("zone_id", sa.Text(), nullable=True),
        sa.Column("port_call_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("draught_change_id"),
    )
    op.create_index("ix_draught_change_imo", "draught_change", ["imo"])
    op.create_index("ix_draught_change_known_at", "draught_change", ["known_at"])
    op.create_index("ix_draught_change_mmsi_known_at", "draught_change", ["mmsi", "known_at"])
    op.create_index("ix_draught_change_vessel_id", "draught_change", ["vessel_id"])
    op.create_table(
        "identity_change",
        sa.Column("identity_change_id", sa.Text(), nullable=False),
        sa.Column("vessel_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=True),
        sa.Column("mmsi", sa.BigInteger(), nullable=False),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known_at", TIME, nullable=False),
        sa.Column("cut_at_start", sa.Boolean(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("changed_after", TIME, nullable=False),
        sa.Column("changed_by", TIME, nullable=False),
        sa.Column("value_before", sa.Text(), nullable=True),
        sa.Column("value_after", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("identity_change_id"),
    )
    op.create_index("ix_identity_change_imo", "identity_change", ["imo"])
    op.create_index("ix_identity_change_known_at", "identity_change", ["known_at"])
    op.create_index("ix_identity_change_mmsi_known_at", "identity_change", ["mmsi", "known_at"])
    op.create_index("ix_identity_change_vessel_id", "identity_change", ["vessel_id"])
    op.create_table(
        "position_anomaly",
        sa.Column("position_anomaly_id", sa.Text(), nullable=False),
        sa.Column("mmsi", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("fixes", sa.BigInteger(), nullable=False),
        sa.Column("distance_nm", sa.Double(), nullable=False),
        sa.Column("implied_speed_kn", sa.Double(), nullable=False),
        sa.Column("known_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("position_anomaly_id"),
    )
    op.create_index("ix_position_anomaly_known_at", "position_anomaly", ["known_at"])
    op.create_index("ix_position_anomaly_mmsi_known_at", "position_anomaly", ["mmsi", "known_at"])
    op.create_table(
        "voyage",
        sa.Column("voyage_id", sa.Text(), nullable=False),
        sa.Column("vessel_id", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Text(), nullable=True),
        sa.Column("mmsi", sa.BigInteger(), nullable=False),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known_at", TIME, nullable=False),
        sa.Column("cut_at_start", sa.Boolean(), nullable=False),
        sa.Column("origin_port_call_id", sa.Text(), nullable=False),
        sa.Column("origin_zone_id", sa.Text(), nullable=False),
        sa.Column("origin_port", sa.Text(), nullable=False),
        sa.Column("origin_country", sa.Text(), nullable=False),
        sa.Column("destination_port_call_id", sa.Text(), nullable=True),
        sa.Column("destination_zone_id", sa.Text(), nullable=True),
        sa.Column("destination_port", sa.Text(), nullable=True),
        sa.Column("destination_country", sa.Text(), nullable=True),
        sa.Column("departed_at", TIME, nullable=False),
        sa.Column("arrived_at", TIME, nullable=True),
        sa.Column("hours", sa.Double(), nullable=True),
        sa.Column("distance_nm", sa.Double(), nullable=True),
        sa.Column("dark_hours", sa.Double(), nullable=True),
        sa.Column("longest_silence_hours", sa.Double(), nullable=True),
        sa.Column("encounters", sa.BigInteger(), nullable=False),
        sa.Column("draught_before_m", sa.Double(), nullable=True),
        sa.Column("draught_m", sa.Double(), nullable=True),
        sa.Column("draught_change_m", sa.Double(), nullable=True),
        sa.Column("cargo_state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("voyage_id"),
    )
    op.create_index("ix_voyage_imo", "voyage", ["imo"])
    op.create_index("ix_voyage_known_at", "voyage", ["known_at"])
    op.create_index("ix_voyage_mmsi_known_at", "voyage", ["mmsi", "known_at"])
    op.create_index("ix_voyage_origin_zone_id", "voyage", ["origin_zone_id"])
    _index_open("ix_voyage_open", "voyage", "arrived_at")
    op.create_index("ix_voyage_vessel_id", "voyage", ["vessel_id"])
    op.create_table(
        "measure",
        sa.Column("measure_id", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("paragraph", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("from_at", TIME, nullable=False),
        sa.Column("to_at", TIME, nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("exemptions", sa.Text(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("measure_id"),
    )
    op.create_table(
        "legal_assessment",
        sa.Column("subject_table", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("measure_id", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("judged_at", TIME, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("paragraph", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("subject_table", "subject_id", "measure_id"),
    )
    op.create_table(
        "watchlist",
        sa.Column("watchlist_id", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("list_date", DAY, nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("watchlist_id"),
    )
    op.create_table(
        "watchlist_vessel",
        sa.Column("watchlist_id", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("other_names", sa.Text(), nullable=True),
        sa.Column("listed_on", DAY, nullable=True),
        sa.Column("listed_by", DAY, nullable=False),
        sa.Column("delisted_on", DAY, nullable=True),
        sa.Column("measures", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("watchlist_id", "entry_id"),
    )
    op.create_index("ix_watchlist_vessel_imo", "watchlist_vessel", ["imo"])
    op.create_table(
        "article",
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("published_at", TIME, nullable=False),
        sa.Column("published_at_precision", sa.Text(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("weaknesses", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("article_id"),
    )
    op.create_table(
        "claim",
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("testability", sa.Text(), nullable=False),
        sa.Column("source_grade", sa.Text(), nullable=False),
        sa.Column("information_grade", sa.Text(), nullable=False),
        sa.Column("tested_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("claim_id"),
    )
    op.create_table(
        "claim_window",
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("window_id", sa.Text(), nullable=False),
        sa.Column("from_at", TIME, nullable=False),
        sa.Column("to_at", TIME, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("as_of", TIME, nullable=True),
        sa.Column("coverage_share", sa.Double(), nullable=True),
        sa.Column("alerts_for", sa.BigInteger(), nullable=False),
        sa.Column("alerts_against", sa.BigInteger(), nullable=False),
        sa.Column("observations_for", sa.BigInteger(), nullable=False),
        sa.Column("observations_against", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("would_change_it", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("claim_id", "window_id"),
    )
    op.create_table(
        "observation",
        sa.Column("observation_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("zone_id", sa.Text(), nullable=True),
        sa.Column("from_at", TIME, nullable=False),
        sa.Column("to_at", TIME, nullable=False),
        sa.Column("extent", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("published_at", TIME, nullable=False),
        sa.Column("source_grade", sa.Text(), nullable=False),
        sa.Column("information_grade", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("observation_id"),
    )
    op.create_table(
        "pattern",
        sa.Column("pattern_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("raises", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("innocent_explanation", sa.Text(), nullable=False),
        sa.Column("missing_evidence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("pattern_id"),
    )
    op.create_table(
        "alert",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("pattern_id", sa.Text(), nullable=False),
        sa.Column("vessel_id", sa.Text(), nullable=False),
        sa.Column("mmsi", sa.BigInteger(), nullable=False),
        sa.Column("imo", sa.BigInteger(), nullable=True),
        sa.Column("vessel_name", sa.Text(), nullable=True),
        sa.Column("voyage_id", sa.Text(), nullable=True),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=False),
        sa.Column("origin_zone_id", sa.Text(), nullable=True),
        sa.Column("destination_zone_id", sa.Text(), nullable=True),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("innocent_explanation", sa.Text(), nullable=False),
        sa.Column("missing_evidence", sa.Text(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("known_at", TIME, nullable=False),
        sa.Column("evidence_hash", sa.Text(), nullable=False),
        sa.Column("first_raised_at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("pipeline_run_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id"),
    )
    op.create_index("ix_alert_imo", "alert", ["imo"])
    op.create_index("ix_alert_known_at", "alert", ["known_at"])
    op.create_index("ix_alert_mmsi_known_at", "alert", ["mmsi", "known_at"])
    op.create_index("ix_alert_origin_zone_id", "alert", ["origin_zone_id"])
    op.create_index("ix_alert_vessel_id", "alert", ["vessel_id"])
    op.create_table(
        "alert_evidence",
        sa.Column("alert_id", sa.Text(), _reference("alert.alert_id"), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("event_table", sa.Text(), nullable=True),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "role"),
    )
    op.create_index("ix_alert_evidence_event_id", "alert_evidence", ["event_id"])
    op.create_table(
        "alert_claim",
        sa.Column("alert_id", sa.Text(), _reference("alert.alert_id"), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "claim_id"),
    )
    op.create_table(
        "alert_succession",
        sa.Column("alert_id", sa.Text(), _reference("alert.alert_id"), nullable=False),
        sa.Column("successor_alert_id", sa.Text(), _reference("alert.alert_id"), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "successor_alert_id"),
    )
    op.create_index("ix_alert_succession_successor_alert_id", "alert_succession", ["successor_alert_id"])
    op.create_table(
        "alert_track",
        sa.Column("alert_id", sa.Text(), _reference("alert.alert_id"), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("timestamp", TIME, nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("motion", sa.Text(), nullable=False),
        sa.Column("zone_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("alert_id", "sequence"),
    )
    op.create_table(
        "review",
        sa.Column("review_id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), _reference("alert.alert_id"), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("decided_at", TIME, nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("evidence_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("review_id"),
    )
    op.create_index("ix_review_alert_id", "review", ["alert_id"])
    op.create_table(
        "pipeline_run",
        sa.Column("pipeline_run_id", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("knowledge_hash", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("pipeline_run_id"),
    )
    _make_append_only("review")


def downgrade() -> None:
    """Refused: reviews and lifecycles would be lost."""
    raise NotImplementedError("the first migration cannot be undone; delete the warehouse and derive it again")


def _reference(target: str) -> sa.ForeignKey:
    return sa.ForeignKey(target, deferrable=True, initially="DEFERRED")


def _index_open(name: str, table: str, open_when: str) -> None:
    is_open = sa.text(f"{open_when} IS NULL")
    op.create_index(name, table, ["mmsi"], sqlite_where=is_open, postgresql_where=is_open)


def _make_append_only(table: str) -> None:
    """Refuse UPDATE and DELETE; triggers have no common language, so each database gets its own words."""
    message = f"{table} is append-only"
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"create trigger {table}_refuses_{verb} before {verb} on {table} "
                f"begin select raise(abort, '{message}'); end"
            )
    else:
        op.execute(
            f"create function {table}_refuse() returns trigger language plpgsql as "
            f"$$ begin raise exception '{message}'; end $$"
        )
        op.execute(
            f"create trigger {table}_refuses_change before update or delete or truncate on {table} "
            f"for each statement execute function {table}_refuse()"
        )
