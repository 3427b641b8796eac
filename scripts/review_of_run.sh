#!/usr/bin/env bash
# Copies the review that `make ci` wrote last to FILE, and to the job's summary. Where `make ci` stopped before it,
# FILE says so under the same marker, lest the comment of an earlier push stay as if it were of this one.
# Usage: review_of_run.sh FILE
set -euo pipefail
cd "$(dirname "$0")/.."
file=$1

newest=
for found in .cache/ci/runs/*/review.md; do
    # The folders' names begin with the time, and a glob is sorted.
    if [ -f "$found" ]; then newest=$found; fi
done

if [ -n "$newest" ]; then
    cp "$newest" "$file"
else
    printf '%s\n' '<!-- analytics-tools review -->' '' \
        '**No review.** `make ci` stopped before it: the log of this run says where.' >"$file"
fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$file" >>"$GITHUB_STEP_SUMMARY"; fi
