#!/usr/bin/env bash
# One night in a job: `kimi-conformance nightly` with what the night before has left, and what the job is told of it.
# STATE is the folder that is kept from night to night, CAP and MAX_USD what the night may cost, WEBHOOK an address.
set -euo pipefail

kimi="$RUNNER_TEMP/kimi-conformance/bin/kimi-conformance"
run=() more=()

mkdir -p "$STATE"
[ -f "$STATE/history.jsonl" ] || more+=(--new-history)
[ ! -f "$STATE/verification.json" ] || cp "$STATE/verification.json" reports/verification.json # newer than the last merged
[ -z "${WEBHOOK:-}" ] || more+=(--webhook WEBHOOK)
case "${MOONSHOT_API_KEY:-}" in op://*) run=(op run --) ;; esac # a reference: only the night itself has the key

code=0
"${run[@]}" "$kimi" nightly --out night --history "$STATE/history.jsonl" --verification reports/verification.json \
  --pages --cap "$CAP" --max-usd "$MAX_USD" "${more[@]}" || code=$?

[ ! -f reports/verification.json ] || cp reports/verification.json "$STATE/verification.json"
[ ! -f night/summary.md ] || head -c 500000 night/summary.md >> "$GITHUB_STEP_SUMMARY"
if [ -n "$(git status --porcelain -- reports)" ]; then changed=true; else changed=false; fi
printf 'changed=%s\n' "$changed" >> "$GITHUB_OUTPUT"

exit "$code"
