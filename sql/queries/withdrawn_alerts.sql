-- withdrawn_alerts: Which alerts did we take back, why, and what took their place?
-- One row per withdrawn alert and successor; `successor_alert_id` empty: nothing did. `last_decision` is what a
-- person had decided about the alert before: a confirmed one that was withdrawn wants a second look.
select alert.withdrawn_at, alert.alert_id, alert.headline, alert.withdrawn_reason, alert.first_raised_at,
       alert_succession.successor_alert_id, successor.headline as successor_headline,
       alert_decision.last_decision, alert.pipeline_run_id, alert.synthetic, alert.licence
from alert
left join alert_succession on alert_succession.alert_id = alert.alert_id
left join alert as successor on successor.alert_id = alert_succession.successor_alert_id
left join alert_decision on alert_decision.alert_id = alert.alert_id
where alert.withdrawn_at is not null
order by alert.withdrawn_at desc, alert.alert_id, alert_succession.successor_alert_id
