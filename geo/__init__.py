"""The sea: coast, zones, raster index, distances, water routes. Knows no ships."""
