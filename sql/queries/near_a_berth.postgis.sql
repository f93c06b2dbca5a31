with berth as (
    select geog from zone where zone_id = :zone
),
waters as (
    select zone_id from zone
    where zone_id = :zone or call_zone_id = (select call_zone_id from zone where zone_id = :zone)
),
in_time as (  -- alerts with tracks from before the end of these days and after their beginning: measuring costs most
    select alert_id from alert_track
    group by alert_id
    having cast(min(timestamp) as text) < cast(:until as text) and cast(max(timestamp) as text) >= cast(:since as text)
),
seen as (
    select 'port_call' as what, port_call_id as event_id, vessel_id, mmsi, imo, source, licence,
           coalesce(berth_zone_id, zone_id) as zone_id, arrived_by as began_at, departed_by as ended_at,
           st_distance(port_call.geog, berth.geog) as metres
    from berth join port_call on st_dwithin(port_call.geog, berth.geog, :nm * 1852)
    union all
    select 'port_call', port_call_id, vessel_id, mmsi, imo, source, licence, coalesce(berth_zone_id, zone_id),
           arrived_by, departed_by, null
    from port_call
    where geog is null and coalesce(berth_zone_id, zone_id) in (select zone_id from waters)
    union all
    select 'passage', passage_id, vessel_id, mmsi, imo, source, licence, zone_id, entered_by, left_by, null
    from passage where zone_id in (select zone_id from waters)
    union all
    select 'stop', stop_id, vessel_id, mmsi, imo, source, licence, null, began_at, ended_at,
           st_distance(stop.geog, berth.geog)
    from berth join stop on st_dwithin(stop.geog, berth.geog, :nm * 1852)
    union all
    select 'ais_gap', ais_gap_id, vessel_id, mmsi, imo, source, licence, off_zone_id, began_at, ended_at,
           st_distance(ais_gap.geog, berth.geog)
    from berth join ais_gap on st_dwithin(ais_gap.geog, berth.geog, :nm * 1852)
    union all
    select 'encounter', encounter_id, party.vessel_id, party.mmsi, party.imo, source, licence, zone_id, began_at,
           ended_at, st_distance(encounter.geog, berth.geog)
    from berth join encounter on st_dwithin(encounter.geog, berth.geog, :nm * 1852)
    cross join lateral (
        values (encounter.vessel_id, encounter.mmsi, encounter.imo),
               (encounter.other_vessel_id, encounter.other_mmsi, encounter.other_imo)
    ) as party (vessel_id, mmsi, imo)
    union all
    select 'loitering', loitering_id, vessel_id, mmsi, imo, source, licence, zone_id, began_at, ended_at,
           st_distance(loitering.geog, berth.geog)
    from berth join loitering on st_dwithin(loitering.geog, berth.geog, :nm * 1852)
    union all
    select 'alert_track', alert.alert_id, alert.vessel_id, alert.mmsi, alert.imo, 'ais', alert.licence, passing.zone_id,
           passing.began_at, passing.ended_at, passing.metres
    from (select alert_id, zone_id, min(timestamp) as began_at, max(timestamp) as ended_at,
                 min(st_distance(alert_track.geog, berth.geog)) as metres
          from berth join alert_track on st_dwithin(alert_track.geog, berth.geog, :nm * 1852)
          where alert_id in (select alert_id from in_time)
          group by alert_id, zone_id) as passing
    join alert on alert.alert_id = passing.alert_id
)
select seen.began_at, seen.ended_at, seen.what, vessel.name, seen.imo, seen.mmsi, vessel.flag, seen.zone_id,
       round(cast(seen.metres / 1852 + 1e-9 as numeric), 1) as distance_nm, seen.event_id, seen.source, seen.licence
from seen
left join vessel on vessel.vessel_id = seen.vessel_id
where cast(seen.began_at as text) < cast(:until as text)
  and coalesce(cast(seen.ended_at as text), (select cast(max(day) as text) from coverage_day), cast(:since as text))
      >= cast(:since as text)  -- what goes on when the data ends goes on to that day, not for ever
order by seen.began_at, seen.what, seen.event_id, seen.mmsi, seen.zone_id
