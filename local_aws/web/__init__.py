"""The web sites that a worker's browser sees, apart from any API."""
