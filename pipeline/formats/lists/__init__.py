"""Sanctions lists as their authorities publish them: one module an authority, `registry` knows all forms."""
