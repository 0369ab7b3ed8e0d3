"""What is counted as it happens, for /metrics; what merely stands in the database is asked when somebody looks."""

from prometheus_client import Counter

STEPS = Counter("passerelle_steps_total", "Steps of cases, by what caused them.", ["cause"])
