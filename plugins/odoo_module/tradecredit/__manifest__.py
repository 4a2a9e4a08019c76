{
    "name": "Trade credit insurance",
    "summary": "Insured limits on buyers, exposure against them, and a credit check on record",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "tradecredit_sdk contributors",
    "license": "LGPL-3",
    "development_status": "Beta",
    "depends": ["account", "mail"],
    "external_dependencies": {"python": ["tradecredit_sdk"]},
    "data": [],
    "demo": [],
    "application": True,
}
