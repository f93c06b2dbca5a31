-- freshness: how recent the data of each source is.
-- One row per source, generated data apart.
-- Read by data engineers, each morning.
--   files: standing files
--   replaced_files: files that another file replaced
--   rows_read: rows or sentences read from standing files
--   rows_with_data: of these, rows that gave a position, a vessel report, both, or an event
--   rejected: of these, rows rejected with a reason
--   first_data_at: first position or report
--   last_data_at: last position or report: what happened later is not known from this source
--   days: UTC days of which its standing files hold data
--   last_landed_at: when its last file was landed (wall clock)
--   promise_hours: delay after the end of a UTC day from which on the source counts as late, where each source of the
--       catalogue that is read this way gives one; null: no promise
create view freshness as
with given as (
    select source, count(*) as days from source_day group by source
),
promise as (
    select reads_as, max(promise_hours) as promise_hours
    from source
    group by reads_as
    having count(*) = count(promise_hours)
),
landed as (
    select source, synthetic,
           sum(case when replaced_by_source_file_id is null then 1 else 0 end) as files,
           sum(case when replaced_by_source_file_id is null then 0 else 1 end) as replaced_files,
           sum(case when replaced_by_source_file_id is null then rows_read else 0 end) as rows_read,
           sum(case when replaced_by_source_file_id is null then positions + vessel_reports + positions_with_report + events
                    else 0 end)
               as rows_with_data,
           sum(case when replaced_by_source_file_id is null then rejected else 0 end) as rejected,
           min(case when replaced_by_source_file_id is null then from_at end) as first_data_at,
           max(case when replaced_by_source_file_id is null then to_at end) as last_data_at,
           max(landed_at) as last_landed_at
    from source_file
    group by source, synthetic
)
select landed.source, landed.synthetic, landed.files, landed.replaced_files, landed.rows_read, landed.rows_with_data,
       landed.rejected, landed.first_data_at, landed.last_data_at, coalesce(given.days, 0) as days,
       landed.last_landed_at, promise.promise_hours
from landed
left join given on given.source = landed.source
left join promise on promise.reads_as = landed.source
