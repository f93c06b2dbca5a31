"""Kinds of case, one a file: the events of one table, each with what is known around it, for patterns and evidence."""
