"""One file a detector: port calls, gaps; and the voyages they make up."""
