"""The Camunda-8-shaped resources, a file a noun."""
