-- alerts_on_a_claim_by_month: What speaks for and against a claim, month by month?
-- Counts standing alerts by the month they ended in, and by what they say of the claim. Months without a row had no
-- alert, which is silence of ours and not of the sea: read it beside monthly_calls_and_coverage. Dismissed alerts are
-- counted apart and count for nothing in the verdict.
-- :claim text = C16  label of the claim, like C16
select substr(cast(alert.ended_at as text), 1, 7) as month, claim.claim_id, alert_claim.relation,
       sum(case when alert_decision.last_decision = 'dismissed' then 0 else 1 end) as alerts,
       sum(case when alert.grade = 'strong' then 1 else 0 end) as strong,
       sum(case when alert_decision.last_decision = 'confirmed' then 1 else 0 end) as confirmed,
       sum(case when alert_decision.last_decision = 'dismissed' then 1 else 0 end) as dismissed,
       max(case when alert.synthetic then 1 else 0 end) = 1 as synthetic
from alert_claim
join claim on claim.claim_id = alert_claim.claim_id
join alert on alert.alert_id = alert_claim.alert_id and alert.withdrawn_at is null
left join alert_decision on alert_decision.alert_id = alert.alert_id
where upper(claim.label) = upper(:claim)
group by substr(cast(alert.ended_at as text), 1, 7), claim.claim_id, alert_claim.relation
order by month, claim.claim_id, alert_claim.relation
