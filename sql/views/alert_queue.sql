-- alert_queue: what a person should read today.
-- One row per standing alert that was not reviewed, or whose evidence is not what the last review of its lineage saw;
-- without those of days that the quality gate holds back (held_back_alert).
-- Read by reviewers and by sql/queries/new_since_yesterday.sql.
--   status: new; or evidence changed, when the last review of its lineage was of other evidence
--   last_decision: what that review decided
--   last_reviewer: who decided it
--   last_decided_at: when
create view alert_queue as
with last_review as (
    select alert_id, evidence_hash, decision, reviewer, decided_at,
           row_number() over (partition by alert_id order by decided_at desc, review_id desc) as nth
    from lineage_review
)
select alert.alert_id,
       case when last_review.alert_id is null then 'new' else 'evidence changed' end as status,
       alert.grade, alert.score, alert.pattern_id, alert.vessel_id, alert.vessel_name, alert.imo, alert.mmsi,
       alert.began_at, alert.ended_at, alert.origin_zone_id, alert.destination_zone_id, alert.headline,
       alert.synthetic, alert.licence, alert.first_raised_at,
       last_review.decision as last_decision, last_review.reviewer as last_reviewer,
       last_review.decided_at as last_decided_at
from alert
left join last_review on last_review.alert_id = alert.alert_id and last_review.nth = 1
where alert.withdrawn_at is null
  and (last_review.alert_id is null or last_review.evidence_hash <> alert.evidence_hash)
  and alert.alert_id not in (select alert_id from held_back_alert)
