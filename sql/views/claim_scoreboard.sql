-- claim_scoreboard: how each claim of each article stands.
-- One row per claim and time window it is judged for; a claim without a window has one row without a verdict.
-- Read by journalists and by sql/queries/verdicts_on_thin_coverage.sql.
--   article: title of the article
--   window_from_at: window [window_from_at, window_to_at)
--   window_to_at: window [window_from_at, window_to_at)
--   days_held_back: days of the window that the quality gate holds back: what they show is in the verdict, not in the
--       alert queue, and where their reception was lost an absence says nothing
create view claim_scoreboard as
with held as materialized (
    select day from judged_day where failed > 0
)
select claim.claim_id, article.title as article, claim.label, claim.statement, claim.testability,
       claim_window.window_id, claim_window.from_at as window_from_at, claim_window.to_at as window_to_at,
       claim_window.verdict, claim_window.coverage_share, claim_window.alerts_for, claim_window.alerts_against,
       claim_window.alerts_confirmed, claim_window.alerts_dismissed,
       claim_window.observations_for, claim_window.observations_against,
       claim_window.voyages_estimated, claim_window.tonnes_low, claim_window.tonnes_high, claim_window.reason,
       claim_window.would_change_it, claim_window.as_of,
       (select count(*) from held
        where held.day >= substr(cast(claim_window.from_at as text), 1, 10)
          and held.day < substr(cast(claim_window.to_at as text), 1, 10)) as days_held_back,
       article.synthetic
from claim
join article on article.article_id = claim.article_id
left join claim_window on claim_window.claim_id = claim.claim_id
