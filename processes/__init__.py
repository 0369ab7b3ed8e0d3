"""Models as data: each folder could be zipped and mailed."""
