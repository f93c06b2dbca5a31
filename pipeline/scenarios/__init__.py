"""Labelled synthetic traffic for demonstration and tests: ships, lanes and receivers from a seed file."""
