"""What the set costs in time and memory, measured side by side in one run."""
