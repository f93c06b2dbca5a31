"""Tasks: read, call stages, write. The command line and the DAGs call these and nothing deeper."""
