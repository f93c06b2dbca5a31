-- outages: When and where did everybody fall silent at once?
-- An outage is the receivers', no ship's; `no_data`: no file of the day was landed; `source_change`: from then on a source
-- hears far fewer, and it stays so. `still_silent`: silences that went on when others were heard again, so they are hers.
select from_at, to_at, kind, receiver, round(cast(hours + 1e-9 as numeric), 1) as hours, south, north, west, east,
       round(cast(vessels_before + 1e-9 as numeric), 1) as vessels_before,
       round(cast(vessels_after + 1e-9 as numeric), 1) as vessels_after, gaps_hidden, ships_hidden, still_silent, source,
       reception_outage_id
from outage_of_reception
order by from_at, reception_outage_id
