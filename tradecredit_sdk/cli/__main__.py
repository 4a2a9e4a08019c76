"""`python -m tradecredit_sdk.cli` is the same as `tradecredit`."""

import sys

from tradecredit_sdk.cli import main

sys.exit(main())
