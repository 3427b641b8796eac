#!/bin/sh
# What CI runs on a change: dbt reads the project as it was at BASE and as it is now, without building it. The score
# must not get worse than score_baseline.json, and a review says what changes, what breaks and for whom.
# Usage: BASE=commit .ci/dbt_review.sh REVIEW.md
set -eu
review=$(pwd)/$1
project=@PROJECT@
cd "$(dirname "$0")/.."

if [ -n "${CI:-}" ]; then
    python3 -m pip install --quiet --disable-pip-version-check @DBT@
    python3 -m pip install --quiet --disable-pip-version-check @TOOLS@
fi

# Compiled, where that needs no warehouse: then the review reads SQL as well. Parsed elsewhere.
read_project() {
    cd "$1/$project"
    if [ -f packages.yml ] || [ -f dependencies.yml ]; then dbt deps --quiet; fi
    dbt --quiet compile --no-introspect --no-populate-cache >/dev/null 2>&1 || dbt --quiet parse
}

before=$(mktemp -d)
trap 'git worktree remove --force "$before" 2>/dev/null || rm -rf "$before"' EXIT
git worktree add --quiet --force --detach "$before" "$BASE"
(read_project "$before") || echo "The project at $BASE can't be read: only the change itself is looked at."
(read_project .)

code=0
(cd "$project" && analytics-tools score --baseline score_baseline.json --format "${FORMAT:-text}") || code=$?
set -- --head "$project/target" --project-dir "$project" --format "${FORMAT:-text}" --write "$review"
if [ -f "$before/$project/target/manifest.json" ]; then set -- --base "$before/$project/target" "$@"; fi
analytics-tools review "$@" || code=$?
exit "$code"
