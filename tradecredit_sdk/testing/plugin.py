"""pytest plugin (made by its owner)."""
