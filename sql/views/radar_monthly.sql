-- radar_monthly: what radar saw of each zone, month by month, beside who was heard there.
-- One row per UTC month and zone over which a pass is known, from detections alone or with a catalogue of images where
-- detections were asked for. A month without a row had no known pass: that is no finding.
-- Echoes are rows, not ships: a cell may hold several hulls, and one hull may be seen on every pass. Nothing is seen
-- within 1 km of the shore, nothing in the river. An unexplained echo is one that no AIS of ours or the provider's
-- explains; the provider may not have received her.
-- Read by analysts, by claims (as radar) and by sql/queries/radar_by_month.sql.
--   month: UTC month, YYYY-MM
--   zone_id: the zone, with what is nested in it
--   passes: passes that saw it
--   passes_without_echo: of these, those with no echo in it, not even one that comes on pass after pass
--   passes_unexplained: of these, those with an unexplained echo in it
--   echoes: echoes in it on all passes, without repeated ones
--   explained: of these, explained by AIS
--   unexplained: of these, unexplained
--   cannot_tell: of these, neither
--   repeated: echoes in cells that have one on pass after pass, which are no ships
--   ships_heard: most ships heard in the zone in the hour around a pass
--   synthetic: true when generated data was landed for the month
create view radar_monthly as
with seen as (
    select substr(cast(at as text), 1, 7) as month, zone_id, echoes, explained, unexplained, cannot_tell, repeated,
           ships_inside
    from radar_look
),
made_up as materialized (
    select distinct substr(cast(from_at as text), 1, 7) as from_month, substr(cast(to_at as text), 1, 7) as to_month
    from synthetic_span
)
select month, zone_id, count(*) as passes,
       sum(case when echoes + repeated = 0 then 1 else 0 end) as passes_without_echo,
       sum(case when unexplained > 0 then 1 else 0 end) as passes_unexplained,
       sum(echoes) as echoes, sum(explained) as explained, sum(unexplained) as unexplained,
       sum(cannot_tell) as cannot_tell, sum(repeated) as repeated, max(ships_inside) as ships_heard,
       exists (select 1 from made_up where from_month <= seen.month and seen.month <= to_month) as synthetic
from seen
group by month, zone_id
