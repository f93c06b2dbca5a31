-- synthetic_span: when the data was made up.
-- One row per standing source file of generated data that holds any data.
-- Read by the views that show events: an event inside such a span may rest on generated data, and says so.
--   from_at: first generated position or report of the file
--   to_at: last generated position or report of the file
create view synthetic_span as
select from_at, to_at
from source_file
where synthetic and replaced_by_source_file_id is null and from_at is not null
