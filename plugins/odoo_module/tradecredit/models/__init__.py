from . import res_partner, tradecredit_buyer, tradecredit_check, tradecredit_exposure, tradecredit_release
