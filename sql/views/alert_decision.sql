-- alert_decision: what people decided last about each alert.
-- One row per alert, standing or withdrawn, that was reviewed, or that replaces one that was; none where the decision was
-- undone, and none for what waits for a second person to agree (would_confirm, would_dismiss).
-- Read by alert_queue, alert_law and `coalwatch alerts list --all`.
--   last_decision: what the last review of its lineage decided; earlier ones that it reverses no longer count
--   last_reviewer: who decided it
--   last_decided_at: when
--   evidence_changed: true when that review was of other evidence than the alert rests on now
create view alert_decision as
with ordered as (
    select alert_id, decision, reviewer, decided_at, evidence_hash,
           row_number() over (partition by alert_id order by decided_at desc, review_id desc) as nth
    from lineage_review
    where decision not in ('would_confirm', 'would_dismiss')
)
select ordered.alert_id, ordered.decision as last_decision, ordered.reviewer as last_reviewer,
       ordered.decided_at as last_decided_at, (ordered.evidence_hash <> alert.evidence_hash) as evidence_changed
from ordered
join alert on alert.alert_id = ordered.alert_id
where ordered.nth < 2  -- of "= 1" PostgreSQL expects a handful of rows, and then reads them once per alert
  and ordered.decision <> 'undone'
