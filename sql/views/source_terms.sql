-- source_terms: what binds whoever passes data of a source on.
-- One row per source and licence of standing files; without sources that the catalogue lists as free for any use
-- (where several sources of the catalogue share a reader, all of them).
-- Read by `coalwatch sql`, which prints it beside every answer, and where alerts get their `licence`.
--   source: the source, as in source_file
--   licence: its terms
create view source_terms as
select distinct source, licence
from source_file
where replaced_by_source_file_id is null and licence is not null
  and (not exists (select 1 from source where source.reads_as = source_file.source)
       or exists (select 1 from source where source.reads_as = source_file.source
                  and (source.commercial_use is null or not source.commercial_use)))
