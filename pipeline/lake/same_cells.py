"""Ships that shared a cell of 0.01 degrees in an hour with one ship, from coarse positions in the lake.

It is context and no more: of two ships in one cell in one hour each may have been anywhere in about a kilometre, and
anywhen in the hour. Exact positions of a ship's hour go before coarse ones, as everywhere; what they tell is a meeting
or none (`events.encounters`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.lake.engine import opened
from pipeline.lake.extract import Chosen, of_parts, telling

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.lake.bucket import Ranges
    from pipeline.lake.lake import Lake

_SHARED = """
with position as ({rows}),
coarse as (
    select distinct mmsi, date_trunc('hour', timestamp) as hour, round(longitude * 100)::int as x,
           round(latitude * 100)::int as y
    from position where precision_m is not null
),
hers as (select hour, x, y from coarse where mmsi = {mmsi}),
around as (select coarse.* from coarse semi join hers using (hour, x, y)),
exact as (
    select distinct mmsi, date_trunc('hour', timestamp) as hour from position
    where precision_m is null and mmsi in (select mmsi from around)
),
heard as (select around.* from around anti join exact using (mmsi, hour))
select timezone('UTC', heard.hour) as hour, heard.x / 100.0 as longitude, heard.y / 100.0 as latitude, heard.mmsi,
       count(*) over (partition by heard.hour, heard.x, heard.y) - 1 as others
from heard semi join (select hour, x, y from heard where mmsi = {mmsi}) as her using (hour, x, y)
qualify heard.mmsi <> {mmsi}
order by all
"""


def same_cells(lake: Lake, mmsi: int, days: Sequence[str], spill: Path) -> DataFrame:
    """hour (UTC, its begin), longitude, latitude (the cell's middle, degrees), mmsi of another ship in it, and how many
    others there were in all (`others`), of UTC days, in order.

    spill   a folder for what does not fit into memory, which need not be there
    raises  InputError if a part is gone or damaged
    """
    from pandas import DataFrame, concat

    found = [DataFrame(columns=["hour", "longitude", "latitude", "mmsi", "others"])]
    with opened(spill) as con:
        for day in days:
            parts = lake.parts("positions", day)
            if parts:
                files: list[Ranges] = []
                rows = of_parts(con, parts, files, Chosen())
                with telling(files):
                    found.append(con.sql(_SHARED.format(rows=rows, mmsi=int(mmsi))).df())
    return concat([one for one in found if len(one)] or found[:1], ignore_index=True)
