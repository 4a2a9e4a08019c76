"""The reasons of a verdict in the user's language, made of their code and numbers."""

from __future__ import annotations

from typing import Any

from odoo.tools import format_amount, format_date


def reason_text(env: Any, reason: dict[str, Any]) -> str:
    """One sentence for a reason in its JSON form; the SDK's English for a code that is not known here."""
    params = _Shown(env, reason["params"])
    make = _TEXTS.get(reason["code"])
    if make is None:
        return reason["message"]
    try:
        return make(env, params) or reason["message"]
    except KeyError:  # recorded by another version of the SDK
        return reason["message"]


class _Shown:
    """Parameters as people write them: amounts with currency, days in their format."""

    def __init__(self, env: Any, params: dict[str, Any]) -> None:
        self.env, self.params = env, params

    def __getitem__(self, name: str) -> Any:
        return self.params[name]

    def money(self, name: str) -> str:
        return format_amount(self.env, float(self.params[name]), self._currency(self.params["currency"]))

    def _currency(self, name: str) -> Any:
        """Looked up once for all the reasons of a list."""
        currencies, key = self.env["res.currency"], f"tradecredit.currency.{name}"
        if key not in self.env.cr.cache:
            self.env.cr.cache[key] = (
                currencies.with_context(active_test=False).search([("name", "=", name)], limit=1).id
            )
        return currencies.browse(self.env.cr.cache[key])

    def day(self, name: str) -> str:
        return format_date(self.env, self.params[name])


def _stop_of_cover(env: Any, p: _Shown) -> str:
    if not p["oldest_original_due_date"]:
        return env._("Something is overdue since an unknown day, so cover may have stopped.")
    return env._(
        "An invoice due on %(due)s is unpaid for more than %(days)s days: deliveries after %(stop)s are not insured until "
        "it is paid.",
        due=p.day("oldest_original_due_date"), days=p["max_extension_days"], stop=p.day("stop_of_cover"),
    )  # fmt: skip


def _stale(env: Any, p: _Shown) -> str:
    if p["age_hours"] is None:
        return env._(
            "The insurer was not asked about this buyer; limits must not be older than %s hours.", p["max_age_hours"]
        )
    return env._(
        "The limit is %(age)s hours old; it must not be older than %(most)s hours.",
        age=p["age_hours"], most=p["max_age_hours"],
    )  # fmt: skip


def _country(env: Any, p: _Shown) -> str:
    if not p["country"]:
        return env._("The policy names its countries, and the buyer's country is not stated.")
    return env._("The policy does not cover buyers in %s.", p["country"])


def _stopped(env: Any, p: _Shown) -> str:
    if p["status"].strip().lower() == "ceased":
        return env._("The insurer has on file that the buyer is no longer in business: new deliveries are not insured.")
    return env._("The buyer is insolvent, by the insurer's file or your own report: new deliveries are not insured.")


def _cover_stopped(env: Any, p: _Shown) -> str:
    if p["until"]:
        return env._(
            "The insurer had stopped cover: deliveries from %(since)s on and before %(until)s are not insured.",
            since=p.day("since"), until=p.day("until"),
        )  # fmt: skip
    return env._(
        "The insurer has stopped cover: deliveries from %s on are not insured until it reinstates it.", p.day("since")
    )


def _exceeded(env: Any, p: _Shown) -> str:
    return env._(
        "%(order)s is %(uncovered)s more than the cover that is left, %(available)s (limit %(limit)s, used %(exposure)s).",
        order=p.money("order"), uncovered=p.money("uncovered"), available=p.money("available"),
        limit=p.money("limit"), exposure=p.money("exposure"),
    )  # fmt: skip


_TEXTS = {
    "buyer_insolvent": _stopped,
    "buyer_not_identified": lambda env, p: env._(
        "The buyer is not identified at the insurer: find the legal entity first."
    ),
    "country_not_covered": _country,
    "cover_stopped": _cover_stopped,
    "discretionary_cover_used": lambda env, p: env._(
        "Cover rests on your own discretionary limit of %s, not on a decision of the insurer.",
        p.money("discretionary_limit"),
    ),
    "exchange_rate_missing": lambda env, p: env._(
        "The exchange rate from %(currency)s to %(target)s is missing.", currency=p["from"], target=p["to"]
    ),
    "exposure_incomplete": lambda env, p: env._("What the buyer owes is not known in full."),
    "limit_exceeded": _exceeded,
    "limit_expired": lambda env, p: env._("The limit of %s has expired: request a new one.", p.money("amount")),
    "limit_not_yet_in_force": lambda env, p: env._(
        "The limit of %(amount)s is in force from %(day)s only.", amount=p.money("amount"), day=p.day("valid_from")
    ),
    "limit_stale": _stale,
    "limit_unknown": lambda env, p: env._(
        "A limit of %(amount)s does not count, because its state %(state)s is not known here.",
        amount=p.money("amount"), state=p["state"],
    ),
    "limit_withdrawn": lambda env, p: env._(
        "The insurer has withdrawn the limit of %s: new deliveries are not insured.", p.money("amount")
    ),
    "limit_zero": lambda env, p: env._("The insurer grants no cover on this buyer."),
    "no_limit": lambda env, p: env._("There is no credit limit on this buyer: request one."),
    "payment_terms_too_long": lambda env, p: env._(
        "Payment terms of %(days)s days exceed the %(most)s days that are insured.",
        days=p["terms_days"], most=p["max_terms_days"],
    ),
    "pending_decision": lambda env, p: env._(
        "The insurer has not decided yet on what was requested (%s).", ", ".join(p["requested"])
    ),
    "reduction_announced": lambda env, p: env._(
        "The insurer reduces the limit of %(amount)s on %(day)s.", amount=p.money("amount"), day=p.day("effective_on")
    ),
    "stop_of_cover": _stop_of_cover,
    "tax_not_stated": lambda env, p: env._("The policy counts tax, and none is stated: it may be more than is counted."),
    "tolerance_used": lambda env, p: env._(
        "%(uncovered)s is above the limit, within the tolerance of %(tolerance)s; it is not insured.",
        uncovered=p.money("uncovered"), tolerance=p.money("tolerance"),
    ),
    "withdrawal_announced": lambda env, p: env._(
        "The insurer withdraws the limit of %(amount)s on %(day)s: deliver before.",
        amount=p.money("amount"), day=p.day("effective_on"),
    ),
}  # fmt: skip
