"""Raw bytes, Parquet by UTC day, and the catalogue of what is there."""
