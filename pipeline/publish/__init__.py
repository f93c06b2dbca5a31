"""What leaves the house: the quality gate and the words in which a run is told."""
