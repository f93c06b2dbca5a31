"""Exports: what the warehouse says of a subject as rows with a place, and each file format that carries them."""
