"""Events and particulars that others give, resolved to our ships."""
