-- alerts_by_legal_answer: What does each authority's law say about the standing alerts?
-- One row per authority, measure and answer. One alert counts under every measure in force on its date, so the rows
-- of an authority do not add up to alerts. `verified` false: no primary text was seen, check the paragraph before
-- citing it. `dismissed` are those of the alerts that a reviewer dismissed.
select authority, answer, measure_id, paragraph, count(distinct alert_id) as alerts,
       count(distinct case when last_decision = 'dismissed' then alert_id end) as dismissed, min(judged_at) as first_judged_at,
       max(judged_at) as last_judged_at, verified, synthetic
from alert_law
where not withdrawn
group by authority, answer, measure_id, paragraph, verified, synthetic
order by authority, answer, measure_id, paragraph nulls first, verified, synthetic
