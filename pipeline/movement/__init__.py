"""Tracks, runs and coverage: from fixes to what ships did."""
