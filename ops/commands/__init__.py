"""What `python -m ops` offers: a module for each topic, which lists its COMMANDS."""
