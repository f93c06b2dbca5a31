"""Evidence packs: what goes in, how one is written and read, and what verifying one compares."""
