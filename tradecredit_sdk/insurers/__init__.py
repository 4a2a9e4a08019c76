"""One insurer a file: canonical call <-> that insurer's wire."""
