from . import test_concurrency, test_confirm, test_held_paths, test_remote_calls
