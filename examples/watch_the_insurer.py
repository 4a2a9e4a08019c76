"""Hear of limits the insurer changed on its own, and show each buyer's cover as it is now.

    python examples/watch_the_insurer.py bookmark.txt

Run it every few minutes: the bookmark file remembers how far it has read. An event says "look again", so what it names is
read anew before anything is shown.
"""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from pathlib import Path

from tradecredit_sdk import Cover, TradeCreditClient, cover_in_force


def told(cover: Cover) -> str:
    if cover.missing_rates:  # not the same as no cover: give `cover_in_force` the rates, and it is counted
        least = "" if cover.total is None else f", at least {cover.total}"
        return f"cover not known{least}: no rate from {', '.join(cover.missing_rates)} to {cover.currency}"
    return "not insured" if cover.total is None else f"cover now {cover.total}"


def main(bookmark: Path) -> None:
    cursor = bookmark.read_text().strip() or None if bookmark.exists() else None
    with TradeCreditClient() as client:
        policy = client.policies.get()
        touched: dict[str, list[str]] = {}
        while True:
            page = client.events.poll(cursor=cursor)
            for event in page.items:
                if event.buyer_id:
                    touched.setdefault(event.buyer_id, []).append(str(getattr(event.type, "value", event.type)))
            cursor = page.next_cursor
            if not page.items:
                break

        today = datetime.now(timezone.utc).date()
        for buyer_id, what in touched.items():
            cover = cover_in_force(client.limits.position(buyer_id), policy, today)
            print(f"{buyer_id}: {', '.join(what)}; {told(cover)}")

    # Written last: if anything above fails, the same events come again next time.
    bookmark.write_text(f"{cursor or ''}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "bookmark.txt"))
