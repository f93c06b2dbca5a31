"""Law, lists, patterns, evidence, alerts, observations and claims."""
