-- coverage_by_source: what each source gave, month by month; a month without a row is a month without its data.
-- One row per source and UTC month in which a standing file of it begins, generated data apart.
-- Read by data engineers and by whoever judges an absence.
--   month: UTC month, YYYY-MM, of the first position or report of the file
--   files: files that begin in the month
--   rows_read: rows or sentences read from them
--   rows_with_data: of these, rows that gave a position, a vessel report, both, or an event
--   rejected: of these, rows rejected with a reason
--   first_data_at: first position or report in them
--   last_data_at: last position or report in them
create view coverage_by_source as
select source, substr(cast(from_at as text), 1, 7) as month, count(*) as files, sum(rows_read) as rows_read,
       sum(positions + vessel_reports + positions_with_report + events) as rows_with_data, sum(rejected) as rejected,
       min(from_at) as first_data_at, max(to_at) as last_data_at, synthetic
from source_file
where replaced_by_source_file_id is null and from_at is not null
group by source, synthetic, substr(cast(from_at as text), 1, 7)
