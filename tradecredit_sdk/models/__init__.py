"""What the business speaks: one noun a file."""
