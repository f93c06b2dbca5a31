"""Formats: one file a format, each turning a raw file into rows of one form (see `record`)."""
