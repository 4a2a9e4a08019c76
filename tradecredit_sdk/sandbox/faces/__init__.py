"""One face a wire: the same engine behind each of them."""
