{
    "name": "Trade credit insurance: sales",
    "summary": "No sales order is confirmed beyond the insured limit of its buyer unless somebody entitled says so",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "tradecredit_sdk contributors",
    "license": "LGPL-3",
    "development_status": "Beta",
    "depends": ["tradecredit", "sale"],
    "data": [
        "security/tradecredit_sale_security.xml",
        "security/ir.model.access.csv",
        "data/ir_cron.xml",
        "data/mail_activity_type.xml",
        "wizards/tradecredit_order_request_views.xml",
        "views/sale_order_views.xml",
        "views/sale_portal_templates.xml",
    ],
    "demo": [
        "demo/res_users_demo.xml",
        "demo/sale_order_demo.xml",
    ],
    "assets": {
        "web.assets_backend": ["tradecredit_sale/static/src/**/*"],
        "web.assets_tests": ["tradecredit_sale/static/tests/tours/*"],
    },
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}
