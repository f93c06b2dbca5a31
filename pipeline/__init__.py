"""coalwatch: from AIS files to alerts tied to published claims (rooms and path: ARCHITECTURE.md)."""
