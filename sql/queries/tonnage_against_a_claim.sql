-- tonnage_against_a_claim: What tonnage do claims about tonnage rest on, window by window?
-- `tonnes_low` to `tonnes_high`: what the estimated voyages of the window carried together, if it was coal; empty where no
-- positions were landed. `reason` holds it against the shortfall of Australian coal and what others documented.
select claim_window.claim_id, claim_window.window_id, claim_window.from_at, claim_window.to_at, claim_window.verdict,
       claim_window.voyages_estimated, claim_window.tonnes_low, claim_window.tonnes_high, claim_window.reason
from claim_window
where claim_window.voyages_estimated is not null
order by claim_window.claim_id, claim_window.from_at, claim_window.window_id
