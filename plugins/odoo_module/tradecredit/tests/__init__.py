from . import (
    test_buyer_file,
    test_check,
    test_exposure,
    test_killed,
    test_legal_buyer,
    test_limits_sync,
    test_outbox,
    test_policy,
    test_receivable,
    test_security,
    test_views,
    test_wizards,
)
