-- our_visits_beside_theirs: How do our monthly visits to North Korea's ports compare with those a provider counts?
-- `theirs` are counts without ships (coalwatch fetch gfw_counts), `bought_in` their visits that landed here as events,
-- `ours` visits of ours. Read `difference` before you read anything into one: neither number is a number of cargoes.
select month, port, provider, theirs, bought_in, ours, days_with_data,
       round(cast(coverage_share + 1e-9 as numeric), 2) as coverage_share, difference, note, licence, synthetic
from visits_counted_monthly
order by month, port, provider
