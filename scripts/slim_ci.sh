#!/usr/bin/env bash
# `make ci` on a CI machine: against production's stored state where this checkout contains the commit that production
# was built from. Where production has moved on since, what others merged would look undone: then against BASE.
# Usage: slim_ci.sh    (BASE)
set -euo pipefail
cd "$(dirname "$0")/.."
: "${BASE:?names the commit to compare with}"
unset STATE

if [ -f state/commit ] && git merge-base --is-ancestor "$(cat state/commit)" HEAD 2>/dev/null; then
    echo "ci: compared with production's state, built from $(cut -c1-10 state/commit)"
    export STATE=state
fi
exec make ci
