#!/usr/bin/env bash
# What the action does: installs the package from the action's own checkout, reviews, annotates, comments.
# All that comes from outside comes by the environment, and is only ever a word of its own.
set -euo pipefail
package=$(cd "$(dirname "$0")/../../.." && pwd)
venv=$RUNNER_TEMP/analytics-tools
review=$RUNNER_TEMP/review.md
rm -f "$review"

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "::error::The review needs Python 3.11: put actions/setup-python before it"
    exit 2
fi
if [ ! -x "$venv/bin/analytics-tools" ]; then
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$package[duckdb]"
fi

words=(--head "$HEAD" --fail-on "$FAIL_ON" --format github --write "$review")
if [ -n "$BASE" ]; then words+=(--base "$BASE"); fi
if [ -n "$BUILD" ]; then words+=(--build "$BUILD"); fi
if [ -n "$BASE_DATA" ]; then words+=(--base-data "$BASE_DATA"); fi
if [ -n "$HEAD_DATA" ]; then words+=(--head-data "$HEAD_DATA"); fi
# The token is for the comment alone.
code=0
env -u GITHUB_TOKEN "$venv/bin/analytics-tools" review "${words[@]}" || code=$?

if [ -f "$review" ]; then
    cat "$review" >>"$GITHUB_STEP_SUMMARY"
    if [ "$COMMENT" = true ] && [ -n "$PULL_REQUEST" ]; then
        python3 "$package/scripts/comment.py" "$review"
    fi
fi
exit "$code"
