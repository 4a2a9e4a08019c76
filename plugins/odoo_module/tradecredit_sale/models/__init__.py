from . import (
    account_move,
    account_partial_reconcile,
    payment_transaction,
    res_partner,
    sale_order,
    sale_order_hold,
    sale_order_line,
    sale_order_panel,
    tradecredit_buyer,
    tradecredit_exposure,
    tradecredit_release,
)
