from . import res_partner
from . import tradecredit_buyer
from . import tradecredit_exposure
from . import tradecredit_check
from . import tradecredit_release
