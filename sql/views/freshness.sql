-- freshness: how recent the data of each source is.
-- One row per source, generated data apart.
-- Read by data engineers, each morning.
--   files: standing files
--   replaced_files: files that another file replaced
--   rows_read: rows or sentences read from standing files
--   rows_with_data: of these, rows that gave a position, a vessel report, or both
--   rejected: of these, rows rejected with a reason
--   first_data_at: first position or report
--   last_data_at: last position or report: what happened later is not known from this source
--   days: UTC days with landed data inside the spans of its files
--   last_landed_at: when its last file was landed (wall clock)
create view freshness as
with landed_day as (
    select distinct cast(day as text) as day from coverage_day
),
source_day as (
    select source_file.source, source_file.synthetic, count(distinct landed_day.day) as days
    from source_file
    join landed_day on landed_day.day between substr(cast(source_file.from_at as text), 1, 10)
                                          and substr(cast(source_file.to_at as text), 1, 10)
    where source_file.replaced_by_source_file_id is null
    group by source_file.source, source_file.synthetic
),
landed as (
    select source, synthetic,
           sum(case when replaced_by_source_file_id is null then 1 else 0 end) as files,
           sum(case when replaced_by_source_file_id is null then 0 else 1 end) as replaced_files,
           sum(case when replaced_by_source_file_id is null then rows_read else 0 end) as rows_read,
           sum(case when replaced_by_source_file_id is null then positions + vessel_reports + source_file.both
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
       landed.rejected, landed.first_data_at, landed.last_data_at, coalesce(source_day.days, 0) as days,
       landed.last_landed_at
from landed
left join source_day on source_day.source = landed.source and source_day.synthetic = landed.synthetic
