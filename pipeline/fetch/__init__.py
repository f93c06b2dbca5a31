"""Network clients: what is out there becomes raw files in the landing folder."""
