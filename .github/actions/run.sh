#!/usr/bin/env bash
# Runs `kimi-conformance WORDS`, tells the job what came of it, and leaves with its exit code.
# ARGS: more words, quoted as in a shell, of which nothing is expanded.
set -euo pipefail

kimi="$RUNNER_TEMP/kimi-conformance/bin/kimi-conformance"
folder=$(mktemp -d "$RUNNER_TEMP/kimi-conformance-results.XXXXXX")

words=("$@")
if [ -n "${ARGS:-}" ]; then
  split=$(xargs -n 1 printf '%s\n' <<< "$ARGS") || { echo "args: $ARGS: a quote is not closed" >&2; exit 2; }
  while IFS= read -r word; do words+=("$word"); done <<< "$split"
fi

set +e
"$kimi" "${words[@]}" --json "$folder/results.json" --junit "$folder/junit.xml" --html "$folder/report.html" 2>&1 | tee "$folder/summary.txt"
code=${PIPESTATUS[0]}
set -e

case $code in
  0) said='conformant' ;;
  1) said='not conformant' ;;
  2) said='a mistake in the profile or the options, or nothing to do' ;;
  3) said='could not be told: the router could not be started or kept running' ;;
  *) said="ended with exit code $code" ;;
esac

{ # indented, for nothing that a router wrote ends such a block
  printf '### kimi-conformance %s: %s\n\n' "$1" "$said"
  head -c 500000 "$folder/summary.txt" | sed 's/^/    /'
  printf '\n'
} >> "$GITHUB_STEP_SUMMARY"

{
  printf 'folder=%s\n' "$folder"
  printf 'exit-code=%s\n' "$code"
  [ "$code" = 0 ] && printf 'conformant=true\n' || printf 'conformant=false\n'
  [ ! -f "$folder/results.json" ] || printf 'results=%s\n' "$folder/results.json"
} >> "$GITHUB_OUTPUT"

exit "$code"
