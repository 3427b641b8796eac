#!/usr/bin/env bash
# Brings what the deploy workflow stored last: data/analytics.duckdb, data/raw and state/.
# Takes the newest artifact `production` that has not expired, and only from a run of that workflow on BRANCH
# of this very repository: a fork may name its branch main too. With none there is nothing to do.
# Usage: production.sh    (GH_TOKEN, GITHUB_REPOSITORY; BRANCH, WORKFLOW)
set -euo pipefail
cd "$(dirname "$0")/.."
: "${GITHUB_REPOSITORY:?names the repository, as owner/name}"
export BRANCH=${BRANCH:-main}
export WORKFLOW=${WORKFLOW:-.github/workflows/deploy.yml}

# Ids alone leave these two filters: numbers, nothing that anybody could have written.
candidates='.artifacts[] | select(.expired == false and .workflow_run.head_branch == env.BRANCH
    and .workflow_run.head_repository_id == .workflow_run.repository_id)
    | "\(.id | tonumber) \(.workflow_run.id | tonumber)"'
trusted='select(.path == env.WORKFLOW and .head_branch == env.BRANCH
    and .head_repository.full_name == env.GITHUB_REPOSITORY
    and (.event | IN("push", "schedule", "workflow_dispatch"))) | .id'

listed=$(gh api "repos/$GITHUB_REPOSITORY/actions/artifacts?name=production&per_page=100" --jq "$candidates")
found=
while read -r artifact run; do
    if [ -n "$artifact" ] && [ -n "$(gh api "repos/$GITHUB_REPOSITORY/actions/runs/$run" --jq "$trusted")" ]; then
        found=$artifact
        break
    fi
done <<<"$listed"

if [ -z "$found" ]; then
    echo "Nothing is stored from $BRANCH yet. That is fine: this run starts from nothing, and once the deploy"
    echo "workflow has run on $BRANCH, later ones will build only what changes."
    exit 0
fi

fresh=$(mktemp -d ./.production.XXXXXX)
trap 'rm -rf "$fresh"' EXIT
gh api "repos/$GITHUB_REPOSITORY/actions/artifacts/$found/zip" >"$fresh/production.zip"
scripts/unpack.sh "$fresh"
