from . import (
    res_company,
    res_partner,
    tradecredit_application,
    tradecredit_buyer,
    tradecredit_check,
    tradecredit_exposure,
    tradecredit_limit,
    tradecredit_outbox,
    tradecredit_policy,
    tradecredit_policy_news,
    tradecredit_release,
)
