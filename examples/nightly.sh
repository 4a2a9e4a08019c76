#!/bin/sh
# What a nightly job does: hear what changed, check tomorrow's orders, complain by exit code.
#
#   sh examples/nightly.sh FOLDER      FOLDER keeps the bookmark, the verdicts and the page
#
# Exit codes: 0 nothing blocked, 10 an order is blocked, 4 a line could not be read, others as documented.
set -eu
folder=${1:-build/nightly}
data=$(dirname "$0")/data
mkdir -p "$folder"

# Nothing that was sent may stay unknown.
tradecredit limit reconcile -o ndjson
tradecredit overdue reconcile -o ndjson

# Events since last night; the cursor is kept only when they were all written.
if [ -s "$folder/cursor" ]; then set -- --cursor "$(cat "$folder/cursor")"; else set --; fi
tradecredit events poll -o json "$@" >"$folder/events.json"
python3 -c 'import json, sys; print(json.load(sys.stdin)["next_cursor"])' <"$folder/events.json" >"$folder/cursor.new"
mv "$folder/cursor.new" "$folder/cursor"

tradecredit check-orders --ledger "$data/ledger.csv" --orders "$data/orders.csv" --rates "$data/rates.csv" \
    --today 2026-03-31 --report "$folder/report.html" -o csv >"$folder/verdicts.csv"
