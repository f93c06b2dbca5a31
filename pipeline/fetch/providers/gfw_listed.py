"""Global Fishing Watch API v3: its ids of the ships that lists name, asked for by IMO number.

Requests, answers and files are those of `gfw_vessels`.
"""

from pipeline.fetch.provider import Provider
from pipeline.fetch.providers.gfw_vessels import fetch_by_number

PROVIDER = Provider(
    "vessels", needs=("vessels", "secrets"), may_have=("per_minute",), fetch_ships=fetch_by_number, of_lists=True
)
