"""Where the work on positions is done: in this process, or on Spark."""
