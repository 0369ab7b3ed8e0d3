"""The rules that a file must keep to be deployed, by concern. Each finds all its problems; none stops at the first."""
