"""coalwatch: from AIS files to alerts tied to published claims (rooms and path: ARCHITECTURE.md)."""

from pipeline.small_frames import keep_text_as_python

keep_text_as_python()
