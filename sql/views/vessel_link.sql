-- vessel_link: what ties ships to each other: whom one met, who lay at a berth before and after her, who shares her
-- MMSI, IMO number or owner.
-- One row per ship, other ship and tie; each tie stands twice, once from either side. Events established by the data of a
-- day that the quality gate holds back are left out, and so are encounters with a context: who lay beside her at a berth,
-- her tug, her neighbours in a queue. None of it is an accusation: berths are shared by whoever calls, MMSIs by mistake,
-- owners by whole fleets.
-- Read by analysts and by coalwatch network; choose a vessel_id and order by from_at.
--   vessel_id: the ship
--   mmsi: her MMSI in the tie
--   other_vessel_id: the other ship; null where she sent no ship's number
--   other_mmsi: her MMSI in the tie
--   tie: met, lay at the berth before her, lay at the berth after her, same MMSI, same IMO number or same owner
--   from_at: when it began: the meeting; the departure of whoever lay there first, or, where she was still there, the
--       arrival of whoever came after; when both were known by the number or owner, or the first no longer was
--   to_at: when it ended: the meeting; the arrival of whoever came after, or, where both lay there, the first departure;
--       when one was no longer known by it, or the second was; null while it goes on, or not known
--   place: zone of the meeting, or the berth
--   sentence: the tie in words
--   source: ais, or the provider that reports it
--   event_table: table of the event that it rests on; null where it rests on identities
--   event_id: its id there
--   at_once: whether both met, lay there or were known by it at the same time, from from_at to to_at; false: one after the
--       other, and from_at to to_at is the time between them
create view vessel_link as
with held as materialized (
    select day, until_day from judged_day where failed > 0
),
met as (
    select encounter.* from encounter
    left join held on held.day < substr(cast(encounter.known_at as text), 1, 10)
                  and substr(cast(encounter.known_at as text), 1, 10) <= held.until_day
    where held.day is null and encounter.context is null
),
slot as (
    select port_call.*,
           lag(port_call.vessel_id) over berth as first_vessel_id, lag(port_call.mmsi) over berth as first_mmsi,
           lag(port_call.departed_by) over berth as first_departed_by, lag(port_call_id) over berth as first_call_id
    from port_call
    left join held on held.day < substr(cast(port_call.known_at as text), 1, 10)
                  and substr(cast(port_call.known_at as text), 1, 10) <= held.until_day
    where held.day is null and berth_zone_id is not null
    window berth as (partition by berth_zone_id order by arrived_by, port_call_id)
),
neighbour as (
    select slot.*, case when first_departed_by <= arrived_by then 0 else 1 end = 1 as at_once,
           case when first_departed_by <= arrived_by then first_departed_by else arrived_by end as from_at,
           case when first_departed_by <= arrived_by then arrived_by
                when first_departed_by is null or departed_by < first_departed_by then departed_by
                else first_departed_by end as to_at
    from slot
    where first_vessel_id <> vessel_id
),
called as (
    select vessel_id, mmsi, min(from_at) as from_at, max(to_at) as to_at from vessel_identity group by vessel_id, mmsi
),
numbered as (
    select vessel_id, imo, min(mmsi) as mmsi, min(from_at) as from_at, max(to_at) as to_at
    from vessel_identity where imo_valid group by vessel_id, imo
),
owned as (
    select distinct vessel.vessel_id, vessel.mmsi, vessel_particulars.owner, vessel_particulars.provider,
           vessel_particulars.owner_from_at as from_at, vessel_particulars.owner_to_at as to_at
    from vessel_particulars
    join vessel on vessel.imo = vessel_particulars.imo
                or (vessel_particulars.imo is null and vessel.mmsi = vessel_particulars.mmsi)
    where vessel_particulars.owner is not null
),
shared as (  -- to_at lies before from_at where the one was known by it no longer when the other was
    select one.vessel_id, one.mmsi, other.vessel_id as other_vessel_id, other.mmsi as other_mmsi, 'same MMSI' as tie,
           case when one.from_at > other.from_at then one.from_at else other.from_at end as from_at,
           case when one.to_at < other.to_at then one.to_at else other.to_at end as to_at,
           'Both sent MMSI ' || cast(one.mmsi as text) as sentence, 'ais' as source
    from called as one
    join called as other on other.mmsi = one.mmsi and other.vessel_id <> one.vessel_id
    union all
    select one.vessel_id, one.mmsi, other.vessel_id, other.mmsi, 'same IMO number',
           case when one.from_at > other.from_at then one.from_at else other.from_at end,
           case when one.to_at < other.to_at then one.to_at else other.to_at end,
           'Both sent IMO number ' || cast(one.imo as text) || ', and are not one hull by their dimensions', 'ais'
    from numbered as one
    join numbered as other on other.imo = one.imo and other.vessel_id <> one.vessel_id
    union all
    select one.vessel_id, one.mmsi, other.vessel_id, other.mmsi, 'same owner',
           case when one.from_at > other.from_at then one.from_at else other.from_at end,
           case when one.to_at < other.to_at then one.to_at else other.to_at end,
           'Both are told to be owned by ' || one.owner, one.provider
    from owned as one
    join owned as other on other.owner = one.owner and other.vessel_id <> one.vessel_id
)
select vessel_id, mmsi, other_vessel_id, other_mmsi, 'met' as tie, began_at as from_at, ended_at as to_at,
       zone_id as place,
       'Met' || coalesce(' at ' || cast(cast(round(cast(median_distance_m as numeric), 0) as integer) as text) || ' m', '')
           as sentence,
       source, 'encounter' as event_table, encounter_id as event_id, 1 = 1 as at_once
from met
union all
select other_vessel_id, other_mmsi, vessel_id, mmsi, 'met', began_at, ended_at, zone_id,
       'Met' || coalesce(' at ' || cast(cast(round(cast(median_distance_m as numeric), 0) as integer) as text) || ' m', ''),
       source, 'encounter', encounter_id, 1 = 1
from met
where other_vessel_id is not null
union all
select vessel_id, mmsi, first_vessel_id, first_mmsi, 'lay at the berth before her', from_at, to_at, berth_zone_id,
       'The other ship lay at the berth before her' || case when at_once then ', and was there when she came' else '' end,
       source, 'port_call', first_call_id, at_once
from neighbour
union all
select first_vessel_id, first_mmsi, vessel_id, mmsi, 'lay at the berth after her', from_at, to_at, berth_zone_id,
       'The other ship lay at the berth after her' || case when at_once then ', and came while she was there' else '' end,
       source, 'port_call', port_call_id, at_once
from neighbour
union all
select vessel_id, mmsi, other_vessel_id, other_mmsi, tie,
       case when to_at < from_at then to_at else from_at end, case when to_at < from_at then from_at else to_at end,
       null, sentence || case when to_at < from_at then '; one after the other' else '' end, source, null, null,
       case when to_at < from_at then 0 else 1 end = 1
from shared
