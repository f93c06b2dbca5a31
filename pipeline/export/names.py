"""What can be exported, and the formats, by name: all that the command line needs before it is asked to export."""

SUBJECTS = ("alerts", "ships", "events", "tracks", "zones", "claims")
FORMAT_NAMES = ("gpkg", "geojson", "kml", "geoparquet", "csv", "ftm", "claimreview")
