"""A catalogue of an earlier coalwatch is brought to today's form with everything in it."""

import sqlite3

from pipeline.lake.catalog import insert, open_catalog


def test_a_catalogue_of_before_keeps_its_parts_and_takes_new_kinds_and_columns(tmp_path):
    path = tmp_path / "catalog.sqlite"
    con = open_catalog(path)
    con.executescript(
        """
        drop table part;
        create table part (
            path text primary key, kind text not null check (kind in ('positions', 'vessel_reports', 'rejects')),
            day text, source_file_id text not null references source_file, rows integer not null,
            content_hash text not null);
        create index part_day on part (kind, day);
        drop table unread_field_count;
        alter table source_file drop column events;
        alter table source_file drop column imo_unread;
        alter table source_file rename column positions_with_report to both;
        alter table rejected_row_count drop column detail;
        alter table source_file drop column url;
        insert into source_file (source_file_id, sha256, name, source, bytes, rows_read, positions, vessel_reports,
            both, not_ships, message_parts, duplicates, rejected, synthetic, landed_at, reading)
            values ('f', 'f', 'a.csv', 'noaa', 1, 1, 1, 0, 7, 0, 0, 0, 0, 0, '2024-01-01T00:00:00+00:00', '{}');
        insert into part values ('p', 'positions', '2024-01-01', 'f', 1, 'h');
        pragma user_version = 0;
        """
    )
    con.close()

    for _ in range(2):  # the second opening finds nothing to do
        con = open_catalog(path)
        assert con.execute("select path, day, rows from part").fetchall() == [("p", "2024-01-01", 1)]
        told = "events, url, positions_with_report, imo_unread"
        assert con.execute(f"select {told} from source_file").fetchall() == [(0, None, 7, 0)]
        assert con.execute("select count(detail) from rejected_row_count").fetchone() == (0,)
        assert con.execute("select count(*) from unread_field_count").fetchone() == (0,)
        con.close()
    con = open_catalog(path)
    row = {"path": "e", "kind": "events", "day": "2024-01-01", "source_file_id": "f", "rows": 2, "content_hash": "h"}
    insert(con, "part", [row])
    assert con.execute("select count(*) from part").fetchone() == (2,)
    assert isinstance(con, sqlite3.Connection)


def test_what_runs_noted_of_the_home_and_what_waited_is_kept_though_results_are_made_anew(tmp_path):
    path = tmp_path / "catalog.sqlite"
    con = open_catalog(path)
    con.executescript(
        """
        drop table landing_manifest;
        drop table outbox;
        create table taken (path text primary key, bytes int, modified_ns int, refused text, source_file_id text);
        create table owed (day text primary key, stamp text);
        create table told (what text primary key, value text);
        create table dirty (mmsi int, day text);
        create table derived_file (kind text, day text, file text, made_from text);
        insert into taken values ('/landing/a.csv', 1, 2, null, 'f');
        insert into owed values ('2024-01-01', 'run');
        insert into told values ('home_id', 'h'), ('warehouse', 's'), ('rules', 'old');
        insert into told values ('days_held_back', '2024-01-02');
        insert into derived_file values ('runs', '2024-01-01', 'runs/x', 'm');
        pragma user_version = 2;
        """
    )
    con.close()

    for _ in range(2):
        con = open_catalog(path)
        assert con.execute("select path, source_file_id from landing_manifest").fetchall() == [("/landing/a.csv", "f")]
        assert con.execute("select day, stamp from outbox").fetchall() == [("2024-01-01", "run")]
        noted = dict(con.execute("select name, value from run_state"))
        assert noted == {"home_id": "h", "warehouse": "s", "days_held_back": "2024-01-02"}
        names = {name for (name,) in con.execute("select name from sqlite_master where type = 'table'")}
        assert not names & {"taken", "owed", "told", "dirty", "derived_file"}
        con.close()
