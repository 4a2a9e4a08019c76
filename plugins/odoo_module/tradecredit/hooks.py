"""Installing on a large database takes seconds, and uninstalling leaves nothing that counts."""

from .models import original_due, tradecredit_buyer, tradecredit_exposure
from .models.tradecredit_receivable import EVENTS


def pre_init_hook(env):
    """Fill the new columns of open journal items in the database; item by item it would take hours."""
    env.cr.execute("""
        ALTER TABLE account_move_line ADD COLUMN IF NOT EXISTS tradecredit_net_residual numeric,
                                      ADD COLUMN IF NOT EXISTS tradecredit_original_due date;
        UPDATE account_move_line line
           SET tradecredit_original_due = CASE
               WHEN line.parent_state = 'posted' THEN COALESCE(line.date_maturity, line.date) END,
               tradecredit_net_residual = CASE
               WHEN move.move_type = 'entry' OR move.amount_total = 0 THEN line.amount_residual_currency
               ELSE CEIL(line.amount_residual_currency * move.amount_untaxed / move.amount_total
                         * power(10::numeric, currency.decimal_places)) / power(10::numeric, currency.decimal_places)
               END
          FROM account_move move, account_account account, res_currency currency
         WHERE move.id = line.move_id AND account.id = line.account_id AND currency.id = line.currency_id
           AND account.account_type = 'asset_receivable' AND line.amount_residual_currency <> 0;
    """)


def post_init_hook(env):
    """Count what is open already."""
    env["tradecredit.receivable"]._rebuild()


def uninstall_hook(env):
    """Journal items are counted no longer, and records go with their tables."""
    for event in EVENTS:
        name = f"tradecredit_receivable_{event}"
        env.cr.execute(f"DROP TRIGGER IF EXISTS {name} ON account_move_line; DROP FUNCTION IF EXISTS {name}()")
    env.cr.execute(original_due.FORGET)
    env.cr.execute("""
        DROP TRIGGER IF EXISTS tradecredit_check_is_final ON tradecredit_check;
        DROP FUNCTION IF EXISTS tradecredit_check_is_final();
    """)
    for function in (*tradecredit_exposure.FUNCTIONS, tradecredit_buyer.FAMILIES):
        function.drop(env.cr)
