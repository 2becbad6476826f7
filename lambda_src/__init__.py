"""The Lambda functions that the build inlines, one file each."""
