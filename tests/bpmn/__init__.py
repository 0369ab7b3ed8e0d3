"""Promises of the execution core."""
