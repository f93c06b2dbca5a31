-- tonnage_by_month: How much coal can the ships of our alerts have carried, by month, if coal it was?
-- A bound on what was AIS-reported, never a finding that it was carried: `low_t` is 0 where no draught shows a cargo, and
-- ships that nobody heard are in no row. `coverage_share` says how well the receiving places were heard.
select month, country, voyages, laden, low_t, high_t,
       round(cast(coverage_share + 1e-9 as numeric), 2) as coverage_share, synthetic
from coal_tonnage_monthly
order by month, country
