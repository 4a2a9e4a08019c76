"""Find the legal entity, ask for cover on it, wait for the decision and see what is in force.

    python examples/limit_for_a_buyer.py "Nordlicht" DE 50000.00 EUR

Settings come from the environment: TRADECREDIT_BASE_URL, TRADECREDIT_API_KEY, TRADECREDIT_POLICY.
"""

from __future__ import annotations

import sys

from tradecredit_sdk import Money, PendingError, TradeCreditClient


def main(name: str, country: str, amount: str, currency: str) -> int:
    with TradeCreditClient() as client:
        found = client.buyers.find(name, country=country, max_results=3)
        if not found:
            print(f"the insurer knows no {name} in {country}")
            return 1
        for candidate in found:
            town = candidate.address.town if candidate.address else "-"
            print(f"{candidate.score:>4}  {candidate.id}  {candidate.name}, {town}")
        buyer = found[0]

        # Cover holds on the exact legal entity only: a weak match is a question for a person, not a guess.
        if (buyer.score or 0) < 90:
            print("no match is good enough to ask for cover; look for a VAT or registration number instead")
            return 1

        application = client.limits.request(buyer_id=buyer.id, amount=Money(amount, currency), terms_days=60)
        print(f"asked for {application.amount} under reference {application.reference}")
        try:
            decision = client.limits.wait(application.id, seconds=30)
        except PendingError:
            print("an underwriter is looking at it; ask again later with this reference")
            return 0
        print(f"{decision.state.value}: {decision.amount} ({decision.insurer_code}) {decision.reason or ''}")
        for condition in decision.conditions:
            print(f"condition: {condition.text}")
        for row in client.limits.list(buyer_id=buyer.id):
            print(
                f"in the insurer's books: {row.id} {row.kind.value} {row.amount} from {row.valid_from}, {row.state.value}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(*(sys.argv[1:] or ["Nordlicht Handels", "DE", "50000.00", "EUR"])))
