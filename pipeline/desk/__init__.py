"""The review desk: a web application over a home, for people who look and decide.

A page asks the warehouse through tasks and readers, and fills a template; it computes nothing of its own.
"""
