-- alert_law: what each authority's law says of an alert.
-- One row per alert and measure in force on its date; withdrawn alerts keep theirs, and alerts of days that the quality
-- gate holds back are left out.
-- Read by compliance officers and by sql/queries/alerts_by_legal_answer.sql.
--   withdrawn: true when the alert no longer stands
--   last_decision: what the last review of its lineage decided; null where nobody did
create view alert_law as
select alert.alert_id, alert.headline, alert.grade, alert.vessel_id, alert.imo, alert.began_at,
       legal_assessment.authority, legal_assessment.answer, legal_assessment.measure_id, measure.instrument,
       legal_assessment.paragraph, measure.title, legal_assessment.judged_at, legal_assessment.reason,
       legal_assessment.verified, alert.synthetic, alert.licence, (alert.withdrawn_at is not null) as withdrawn,
       alert_decision.last_decision
from alert
join legal_assessment on legal_assessment.subject_table = 'alert' and legal_assessment.subject_id = alert.alert_id
left join alert_decision on alert_decision.alert_id = alert.alert_id
left join measure on measure.measure_id = legal_assessment.measure_id
where alert.alert_id not in (select alert_id from held_back_alert)
