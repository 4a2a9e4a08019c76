from . import test_check, test_exposure, test_legal_buyer, test_limits_sync, test_outbox, test_views, test_wizards
