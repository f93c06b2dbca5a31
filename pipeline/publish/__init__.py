"""Publication: the quality gate, and the notices that report a run."""
