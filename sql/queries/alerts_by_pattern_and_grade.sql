-- alerts_by_pattern_and_grade: How many alerts stand, by pattern and grade, and how many of them were read?
-- A grade is a sum of weights, no probability. `on_generated_data`: of these, synthetic ones.
select alert.pattern_id, alert.grade, count(*) as alerts,
       sum(case when alert_decision.alert_id is not null then 1 else 0 end) as reviewed,
       sum(case when alert_decision.last_decision = 'confirmed' then 1 else 0 end) as confirmed,
       sum(case when alert_decision.last_decision = 'dismissed' then 1 else 0 end) as dismissed,
       sum(case when alert.synthetic then 1 else 0 end) as on_generated_data, max(alert.ended_at) as last_ended_at
from alert
left join alert_decision on alert_decision.alert_id = alert.alert_id
where alert.withdrawn_at is null
group by alert.pattern_id, alert.grade
order by alert.pattern_id, case alert.grade when 'strong' then 1 when 'moderate' then 2 else 3 end
