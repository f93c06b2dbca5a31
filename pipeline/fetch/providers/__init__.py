"""Providers: one file each, which declares as PROVIDER what it serves and how it is asked."""
