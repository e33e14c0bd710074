#!/usr/bin/env bash
# Installs the suite into an environment of its own, beside the job's Python and not into it.
# PYTHON: the interpreter. VERSION: a version from the package index; empty: the copy that this script lies in, where
# EDITABLE, if it is not empty, has it used as it lies.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
target="$RUNNER_TEMP/kimi-conformance"

if [ -n "${VERSION:-}" ]; then
  what=("kimi-conformance[pages]==$VERSION")
else
  what=(${EDITABLE:+--editable} "${here}[pages]")
fi

"$PYTHON" -m venv --clear "$target"
"$target/bin/python" -m pip install --quiet --disable-pip-version-check "${what[@]}"
"$target/bin/kimi-conformance" --version
