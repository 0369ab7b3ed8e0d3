"""What one can ask of a running case, one file a noun."""
