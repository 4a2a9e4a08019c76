"""For your own tests: the pytest fixture `sandbox`, a whole insurer that is new for each test (see `plugin`)."""
