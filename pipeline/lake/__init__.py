"""The lake: raw bytes as received, and positions and vessel reports in Parquet by UTC day."""
