"""The day from which an insurer counts: kept by the database, so that whatever changes a due date, it stays.

It is the due date at the first posting, and moves only to an earlier day, when an item is posted again. Where Odoo
makes the items of an invoice anew, as when its payment term changes, new ones count from the earliest day of those
that were there: which part of the debt moved where is not known, and a clock that runs too soon loses no cover. So do
items of an entry that are made anew, those to which an entry moves a debt, as to an account of doubtful debtors, and
an invoice that is made again after a credit note for the first one.
"""

ORIGINAL_DUE = "COALESCE(tradecredit_original_due, date_maturity, date)"
"""That day in SQL, of a journal item. Items from before the addon have none kept until their dates change."""

TRIGGERS = """
ALTER TABLE account_move ADD COLUMN IF NOT EXISTS tradecredit_gone_due date;

CREATE OR REPLACE FUNCTION tradecredit_keep_original_due() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was_posted CONSTANT boolean := TG_OP = 'UPDATE' AND OLD.parent_state = 'posted';
    kept date;
BEGIN
    IF NOT EXISTS (SELECT FROM account_account WHERE id = NEW.account_id AND account_type = 'asset_receivable') THEN
        RETURN NEW;
    END IF;
    IF was_posted THEN
        kept := COALESCE(OLD.tradecredit_original_due, OLD.date_maturity, OLD.date);
    ELSE
        IF TG_OP = 'UPDATE' THEN
            kept := OLD.tradecredit_original_due;
        ELSIF NEW.display_type = 'payment_term' THEN
            kept := (SELECT MIN(tradecredit_original_due) FROM account_move_line WHERE move_id = NEW.move_id);
        END IF;
        IF NEW.display_type = 'payment_term' OR NEW.balance > 0 THEN
            kept := LEAST(kept, (SELECT tradecredit_gone_due FROM account_move WHERE id = NEW.move_id));
        END IF;
        IF NEW.parent_state = 'posted' THEN
            kept := LEAST(kept, COALESCE(NEW.date_maturity, NEW.date));
        END IF;
    END IF;
    NEW.tradecredit_original_due := kept;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER tradecredit_original_due_insert BEFORE INSERT ON account_move_line
FOR EACH ROW WHEN (NEW.display_type = 'payment_term' OR NEW.parent_state = 'posted')
EXECUTE FUNCTION tradecredit_keep_original_due();

CREATE OR REPLACE TRIGGER tradecredit_original_due_update
BEFORE UPDATE OF parent_state, date_maturity, date ON account_move_line
FOR EACH ROW WHEN (
    (OLD.parent_state = 'posted' OR NEW.parent_state = 'posted')
    AND (OLD.parent_state, OLD.date_maturity, OLD.date) IS DISTINCT FROM (NEW.parent_state, NEW.date_maturity, NEW.date)
) EXECUTE FUNCTION tradecredit_keep_original_due();

CREATE OR REPLACE FUNCTION tradecredit_keep_gone_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE account_move SET tradecredit_gone_due = LEAST(tradecredit_gone_due, OLD.tradecredit_original_due)
     WHERE id = OLD.move_id;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER tradecredit_original_due_delete AFTER DELETE ON account_move_line
FOR EACH ROW WHEN (
    (OLD.display_type = 'payment_term' OR OLD.balance > 0) AND OLD.tradecredit_original_due IS NOT NULL
) EXECUTE FUNCTION tradecredit_keep_gone_due();

CREATE OR REPLACE FUNCTION tradecredit_move_original_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE account_move_line item
       SET tradecredit_original_due = moved.due
      FROM (SELECT other.id, MIN(COALESCE(debt.tradecredit_original_due, debt.date_maturity, debt.date)) AS due
              FROM new_parts part
              JOIN account_move_line debt ON debt.id = part.debit_move_id
              JOIN account_move_line credit ON credit.id = part.credit_move_id
              JOIN account_move move ON move.id = credit.move_id AND move.move_type = 'entry'
              JOIN account_move_line other
                ON other.move_id = move.id AND other.balance > 0 AND other.partner_id = credit.partner_id
              JOIN account_account account ON account.id = other.account_id AND account.account_type = 'asset_receivable'
          GROUP BY other.id) AS moved
     WHERE item.id = moved.id
       AND COALESCE(item.tradecredit_original_due, item.date_maturity, item.date) > moved.due;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER tradecredit_original_due_moved AFTER INSERT ON account_partial_reconcile
REFERENCING NEW TABLE AS new_parts FOR EACH STATEMENT EXECUTE FUNCTION tradecredit_move_original_due();
"""

FORGET = """
DROP TRIGGER IF EXISTS tradecredit_original_due_insert ON account_move_line;
DROP TRIGGER IF EXISTS tradecredit_original_due_update ON account_move_line;
DROP TRIGGER IF EXISTS tradecredit_original_due_delete ON account_move_line;
DROP TRIGGER IF EXISTS tradecredit_original_due_moved ON account_partial_reconcile;
DROP FUNCTION IF EXISTS tradecredit_move_original_due();
DROP FUNCTION IF EXISTS tradecredit_keep_original_due();
DROP FUNCTION IF EXISTS tradecredit_keep_gone_due();
ALTER TABLE account_move DROP COLUMN IF EXISTS tradecredit_gone_due;
"""
"""Of all of it."""
