-- decisions_by_reviewer: Who decided what about alerts, and did the evidence change afterwards?
-- One row per reviewer, pattern and decision. `evidence_changed`: alerts that have other evidence now than that review
-- saw; they are back in the queue. `withdrawn`: alerts that we took back since. An alert reviewed twice counts twice.
select review.reviewer, alert.pattern_id, review.decision, count(*) as reviews,
       count(distinct review.alert_id) as alerts,
       sum(case when alert.evidence_hash <> review.evidence_hash then 1 else 0 end) as evidence_changed,
       sum(case when alert.withdrawn_at is not null then 1 else 0 end) as withdrawn,
       min(review.decided_at) as first_decided_at, max(review.decided_at) as last_decided_at
from review
join alert on alert.alert_id = review.alert_id
group by review.reviewer, alert.pattern_id, review.decision
order by review.reviewer, alert.pattern_id, review.decision
