-- alert_queue: what a person should read today.
-- One row per standing alert that was not reviewed, or whose evidence is not what the last review of its lineage saw;
-- without those of days that the quality gate holds back (held_back_alert).
-- Read by reviewers and by sql/queries/new_since_yesterday.sql.
--   status: new; or evidence changed, when the last review of its lineage was of other evidence
--   calibration_alerts: synthetic alerts of this pattern and a score like this in drawn worlds (calibration); null: none
--   calibration_right: how many of these told the truth of the world; no probability that this alert does
--   last_decision: what that review decided
--   last_reviewer: who decided it
--   last_decided_at: when
create view alert_queue as
select alert.alert_id,
       case when alert_decision.alert_id is null then 'new' else 'evidence changed' end as status,
       alert.grade, alert.score,
       calibration.alerts as calibration_alerts, calibration.alerts_right as calibration_right,
       alert.pattern_id, alert.vessel_id, alert.vessel_name, alert.imo, alert.mmsi,
       alert.began_at, alert.ended_at, alert.origin_zone_id, alert.destination_zone_id, alert.headline,
       alert.synthetic, alert.licence, alert.first_raised_at,
       alert_decision.last_decision, alert_decision.last_reviewer, alert_decision.last_decided_at
from alert
left join alert_decision on alert_decision.alert_id = alert.alert_id
left join calibration on calibration.pattern_id = alert.pattern_id
                     and calibration.score_from <= alert.score and alert.score < calibration.score_to
where alert.withdrawn_at is null
  and (alert_decision.alert_id is null or alert_decision.evidence_changed)
  and alert.alert_id not in (select alert_id from held_back_alert)
