"""Pages for participants: phone first, no JavaScript needed."""
