#!/usr/bin/env bash
# On GitLab: brings what the job `deploy` of the default branch stored last, when it ended well. With nothing stored
# there is nothing to do.
# Usage: production_gitlab.sh    (CI_API_V4_URL, CI_PROJECT_ID, CI_DEFAULT_BRANCH, CI_JOB_TOKEN)
set -euo pipefail
cd "$(dirname "$0")/.."
fresh=$(mktemp -d ./.production.XXXXXX)
trap 'rm -rf "$fresh"' EXIT

# By its configuration, so that the token is no word of a command line.
code=$(curl --silent --show-error --location --retry 3 --get --output "$fresh/production.zip" \
    --write-out '%{http_code}' --data-urlencode "job=deploy" --config - \
    "$CI_API_V4_URL/projects/$CI_PROJECT_ID/jobs/artifacts/$CI_DEFAULT_BRANCH/download" \
    <<<"header = \"JOB-TOKEN: $CI_JOB_TOKEN\"")
if [ "$code" = 404 ]; then
    echo "Nothing is stored yet. That is fine: this run starts from nothing, and once the job deploy has run on"
    echo "$CI_DEFAULT_BRANCH, later ones will build only what changes."
    exit 0
elif [ "$code" != 200 ]; then
    echo "error: the artifacts of the job deploy can't be read: HTTP $code" >&2
    exit 2
fi
scripts/unpack.sh "$fresh"
