"""The rights of whoever deploys the set: no more than its resource types need."""
