from . import tradecredit_order_request
