"""The workbench. Python only serves what `npm run build` leaves in static/dist (see api/workbench.py)."""
