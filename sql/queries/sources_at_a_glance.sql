-- sources_at_a_glance: What has each source given, and how late is it?
-- `last_data_at`: what happened later is not known from it. `promise_hours`: how long after the end of a day it counts as
-- late. Rejected rows are in rejected_rows_by_source.
select * from freshness
order by source, synthetic
