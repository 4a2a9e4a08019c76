from . import (
    account_move_reversal,
    base_partner_merge,
    tradecredit_correct_due,
    tradecredit_decide_release,
    tradecredit_declared_by_hand,
    tradecredit_find_buyer,
    tradecredit_find_buyer_line,
    tradecredit_make_report,
    tradecredit_pause_overdue,
    tradecredit_request_limit,
)
