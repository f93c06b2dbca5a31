-- lineage_review: what people decided about an alert and about those it replaced.
-- One row per alert and review of it or of an alert it succeeds, however many steps back.
-- Read by alert_decision; by whoever wants to know why an alert is not new to us.
--   alert_id: the alert, standing or withdrawn
--   reviewed_alert_id: the alert that was reviewed: this one, or one it succeeds
--   reason: why, from the short list in seeds/review
--   evidence_hash: evidence of the reviewed alert as it was then
create view lineage_review as
with recursive lineage (alert_id, ancestor_id) as (  -- alerts that took the place of others: few of all
    select successor_alert_id, alert_id from alert_succession
    union
    select lineage.alert_id, alert_succession.alert_id
    from lineage
    join alert_succession on alert_succession.successor_alert_id = lineage.ancestor_id
)
select alert_id, alert_id as reviewed_alert_id, review_id, reviewer, decided_at, decision, reason, note, evidence_hash
from review
union all
select lineage.alert_id, review.alert_id, review.review_id, review.reviewer, review.decided_at, review.decision,
       review.reason, review.note, review.evidence_hash
from lineage
join review on review.alert_id = lineage.ancestor_id
