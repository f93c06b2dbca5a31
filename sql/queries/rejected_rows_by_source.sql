-- rejected_rows_by_source: Which rows were rejected, from where, and why?
-- `share` is of all rows read from the source's standing files. A reason that was rare and is common now is a
-- change of format. `example_file` and `example_line` lead to a row that was rejected, `example` is that row as
-- read.
with per_source as (
    select source, sum(rows_read) as rows_read
    from source_file
    where replaced_by_source_file_id is null
    group by source
),
refused as (
    select source_file.source, rejected_row_count.reason, rejected_row_count.rows, source_file.name,
           rejected_row_count.first_line, rejected_row_count.example,
           row_number() over (partition by source_file.source, rejected_row_count.reason
                              order by rejected_row_count.rows desc, source_file.source_file_id) as nth
    from rejected_row_count
    join source_file on source_file.source_file_id = rejected_row_count.source_file_id
    where source_file.replaced_by_source_file_id is null
)
select refused.source, refused.reason, sum(refused.rows) as rows_rejected, count(*) as files,
       cast(sum(refused.rows) as double precision) / nullif(per_source.rows_read, 0) as share,
       max(case when nth = 1 then refused.name end) as example_file,
       max(case when nth = 1 then refused.first_line end) as example_line,
       max(case when nth = 1 then refused.example end) as example
from refused
join per_source on per_source.source = refused.source
group by refused.source, refused.reason, per_source.rows_read
order by rows_rejected desc, refused.source, refused.reason
