"""What a run knows of the runs before it: what results were made from, and what is still to be done."""
