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

before=$(mktemp -d)
trap 'git worktree remove --force "$before" 2>/dev/null || rm -rf "$before"' EXIT
git worktree add --quiet --force --detach "$before" "$BASE"

# A target of its own: what a build left in target/ would be seen on one side alone.
target=target/dbt_review
rm -rf "${project:?}/$target"
in_project() {
    (cd "$1/$project" && shift && DBT_TARGET_PATH=$target dbt --quiet "$@")
}
# The packages of the change serve both sides, unless it changes them.
listed() {
    for file in packages.yml dependencies.yml package-lock.yml; do cat "$1/$project/$file" 2>/dev/null || :; done
}
if [ -n "$(listed .)" ] && [ ! -d "$project/dbt_packages" ]; then in_project . deps; fi
if [ -d "$project/dbt_packages" ] && [ "$(listed .)" = "$(listed "$before")" ]; then
    cp -R "$project/dbt_packages" "$before/$project/"
elif [ -n "$(listed "$before")" ]; then
    in_project "$before" deps
fi

# Compiled, where neither side needs a warehouse for that: then the review reads SQL as well. Else parsed.
compiled() {
    in_project "$1" compile --no-introspect --no-populate-cache >/dev/null 2>&1
}
if ! { compiled . && compiled "$before"; }; then
    in_project . parse
    in_project "$before" parse || echo "The project at $BASE can't be read: only the change itself is looked at."
fi

code=0
(cd "$project" && analytics-tools score --manifest "$target" --baseline score_baseline.json --format "${FORMAT:-text}") || code=$?
set -- --head "$project/$target" --project-dir "$project" --format "${FORMAT:-text}" --write "$review"
if [ -f "$before/$project/$target/manifest.json" ]; then set -- --base "$before/$project/$target" "$@"; fi
analytics-tools review "$@" || code=$?
exit "$code"
