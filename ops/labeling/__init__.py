"""Examples of work for a team: a first labeling job, and a first human review."""
