"""SQL tables: models, loading, review."""
