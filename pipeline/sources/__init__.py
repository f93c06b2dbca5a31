"""One file a format: raw bytes to positions, vessel reports and rejects."""
