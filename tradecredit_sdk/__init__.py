"""Trade credit insurance inside your ERP: limit requests, decisions, overdues, monitoring and the credit check."""

import logging as _logging

from tradecredit_sdk._version import __version__

__all__ = ["__version__"]

_logging.getLogger(__name__).addHandler(_logging.NullHandler())
