"""The core: what may happen to a case, and what follows. Knows nothing of the web."""
