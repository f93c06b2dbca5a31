-- draught_changes_in_port: Which ships left a North Korean port deeper, or lighter, than they came?
-- The draughts in force on arrival and on leaving, as typed in by the crew; many never change theirs, and some do so days
-- later, at sea. A rise is consistent with a cargo taken on, a fall with one landed; both with ballast. `licence`: terms
-- that bind whoever passes the row on; empty for our own.
-- :metres real = 0.5  least change to show, metres
select port_visit.arrived_by, port_visit.departed_by, vessel.name, port_visit.imo, port_visit.mmsi, port_visit.port,
       port_visit.berth_zone_id as berth, port_visit.draught_in_m, port_visit.draught_out_m,
       round(cast(port_visit.draught_out_m - port_visit.draught_in_m + 1e-9 as numeric), 1) as change_m,
       port_visit.visit_id, port_visit.source, port_visit.licence
from port_visit
left join vessel on vessel.vessel_id = port_visit.vessel_id
where port_visit.country = 'KP' and abs(port_visit.draught_out_m - port_visit.draught_in_m) >= :metres - 1e-9
order by port_visit.arrived_by, port_visit.visit_id
