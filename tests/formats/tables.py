"""Tables to land in tests: by a mapping of one's own, as Denmark writes them, in Parquet."""

import pyarrow as pa
import pyarrow.parquet as pq

from tests.lake.files import write

MAPPING = """
mapping: mine
title: t
source: s
licence: l
columns:
  mmsi: {from: id}
  timestamp: {from: t, format: iso}
  longitude: {from: x}
  latitude: {from: y}
"""
AT = "2023-11-14 22:13:20"
DANISH = "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type\n"  # noqa: E501
DANISH_ROW = "18/03/2023 00:00:00,Class A,352002266,55.4921,14.7525,Moored,,0.1,,,Unknown,,,,,,,,,,,AIS\n"


def landed_times(lake):
    days = [str(day) for day in lake.landed_days()]
    return [str(at)[:19] for day in days for at in lake.positions(day)["timestamp"]]


def reports(lake):
    days = list(lake.landed_days())
    return lake.vessel_reports(days[0]) if days else None


def mapping(tmp_path, text=MAPPING):
    return str(write(tmp_path, "mine.yaml", text))


def parquet(folder, name="a.parquet", **columns):
    """A Parquet file of the columns of MAPPING, some of them others."""
    usual = {"id": [445000001], "t": ["2023-01-11T00:00:00"], "x": [125.1], "y": [38.6]}
    pq.write_table(pa.table(usual | columns), folder / name)
    return folder / name
