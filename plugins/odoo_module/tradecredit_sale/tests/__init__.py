from . import (
    test_concurrency,
    test_confirm,
    test_held_orders,
    test_held_paths,
    test_lifecycle,
    test_ordered,
    test_panel_browser,
    test_remote_calls,
    test_tours,
    test_translations,
)
