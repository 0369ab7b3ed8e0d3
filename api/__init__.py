"""HTTP in, engine calls out."""
