"""Synthetic traffic for the demo, tests and benchmarks."""
