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
met as not materialized (
    select encounter.* from encounter
    left join held on held.day < substr(cast(encounter.known_at as text), 1, 10)
                  and substr(cast(encounter.known_at as text), 1, 10) <= held.until_day
    where held.day is null and encounter.context is null
),
slot as not materialized (
    select port_call.* from port_call
    left join held on held.day < substr(cast(port_call.known_at as text), 1, 10)
                  and substr(cast(port_call.known_at as text), 1, 10) <= held.until_day
    where held.day is null and port_call.berth_zone_id is not null
),
beside as (  -- from a call of hers to the one before and the one after it at the berth: a step in its index either way
    select slot.vessel_id, slot.mmsi, other.vessel_id as other_vessel_id, other.mmsi as other_mmsi, 'before' as came,
           other.port_call_id, slot.berth_zone_id, other.departed_by as first_departed_by, slot.arrived_by,
           slot.departed_by, slot.source
    from slot
    join port_call as other on other.port_call_id = (
        select earlier.port_call_id from slot as earlier
        where earlier.berth_zone_id = slot.berth_zone_id
          and (earlier.arrived_by, earlier.port_call_id) < (slot.arrived_by, slot.port_call_id)
        order by earlier.arrived_by desc, earlier.port_call_id desc
        limit 1)
    union all
    select slot.vessel_id, slot.mmsi, other.vessel_id, other.mmsi, 'after', other.port_call_id, slot.berth_zone_id,
           slot.departed_by, other.arrived_by, other.departed_by, other.source
    from slot
    join port_call as other on other.port_call_id = (
        select later.port_call_id from slot as later
        where later.berth_zone_id = slot.berth_zone_id
          and (later.arrived_by, later.port_call_id) > (slot.arrived_by, slot.port_call_id)
        order by later.arrived_by, later.port_call_id
        limit 1)
),
neighbour as (
    select beside.*, case when first_departed_by <= arrived_by then 0 else 1 end = 1 as at_once,
           case when first_departed_by <= arrived_by then first_departed_by else arrived_by end as from_at,
           case when first_departed_by <= arrived_by then arrived_by
                when first_departed_by is null or departed_by < first_departed_by then departed_by
                else first_departed_by end as to_at
    from beside
    where other_vessel_id <> vessel_id
),
owned as (
    select vessel.vessel_id, vessel.mmsi, told.owner, told.provider, told.owner_from_at as from_at,
           told.owner_to_at as to_at
    from vessel_particulars as told
    join vessel on vessel.imo = told.imo
    where told.owner is not null
    union
    select vessel.vessel_id, vessel.mmsi, told.owner, told.provider, told.owner_from_at, told.owner_to_at
    from vessel_particulars as told
    join vessel on vessel.mmsi = told.mmsi
    where told.owner is not null and told.imo is null
),
shared as (
    select one.vessel_id, one.mmsi, other.vessel_id as other_vessel_id, other.mmsi as other_mmsi, 'same MMSI' as tie,
           min(one.from_at) as from_at, max(one.to_at) as to_at, min(other.from_at) as other_from_at,
           max(other.to_at) as other_to_at, 'Both sent MMSI ' || cast(one.mmsi as text) as sentence, 'ais' as source
    from vessel_identity as one
    join vessel_identity as other on other.mmsi = one.mmsi and other.vessel_id <> one.vessel_id
    group by one.vessel_id, one.mmsi, other.vessel_id, other.mmsi
    union all
    select one.vessel_id, min(one.mmsi), other.vessel_id, min(other.mmsi), 'same IMO number',
           min(one.from_at), max(one.to_at), min(other.from_at), max(other.to_at),
           'Both sent IMO number ' || cast(one.imo as text) || ', and are not one hull by their dimensions', 'ais'
    from vessel_identity as one
    join vessel_identity as other on other.imo = one.imo and other.vessel_id <> one.vessel_id
    where one.imo_valid and other.imo_valid
    group by one.vessel_id, other.vessel_id, one.imo
    union all
    select one.vessel_id, one.mmsi, other.vessel_id, other.mmsi, 'same owner',
           one.from_at, one.to_at, other.from_at, other.to_at, 'Both are told to be owned by ' || one.owner, one.provider
    from owned as one
    join owned as other on other.owner = one.owner and other.vessel_id <> one.vessel_id
),
together as (  -- to_at lies before from_at where the one was known by it no longer when the other was
    select vessel_id, mmsi, other_vessel_id, other_mmsi, tie, sentence, source,
           case when from_at > other_from_at then from_at else other_from_at end as from_at,
           case when to_at < other_to_at then to_at else other_to_at end as to_at
    from shared
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
select vessel_id, mmsi, other_vessel_id, other_mmsi, 'lay at the berth ' || came || ' her', from_at, to_at, berth_zone_id,
       'The other ship lay at the berth ' || came || ' her'
           || case when not at_once then '' when came = 'before' then ', and was there when she came'
                   else ', and came while she was there' end,
       source, 'port_call', port_call_id, at_once
from neighbour
union all
select vessel_id, mmsi, other_vessel_id, other_mmsi, tie,
       case when to_at < from_at then to_at else from_at end, case when to_at < from_at then from_at else to_at end,
       null, sentence || case when to_at < from_at then '; one after the other' else '' end, source, null, null,
       case when to_at < from_at then 0 else 1 end = 1
from together
