#!/bin/sh
# Builds wheel and sdist into dist/, installs the wheel into an environment of its own, and asks it for help.
# Usage: dist.sh BIN PYTHON [VERSION]
set -eu
bin=$1
python=$2
version=$("$bin/hatchling" version)
if [ -n "${3:-}" ] && [ "$3" != "$version" ]; then
    echo "error: pyproject.toml says version $version, and the tag says $3: change one of them" >&2
    exit 2
fi

rm -rf dist
"$bin/hatchling" build --directory dist >/dev/null
alone=$(mktemp -d)
trap 'rm -rf "$alone"' EXIT
"$python" -m venv "$alone"
"$alone/bin/python" -m pip install --quiet --disable-pip-version-check "$(ls dist/*.whl)[duckdb]"
# Away from the sources, so that it is the wheel that answers.
(cd "$alone" && ./bin/analytics-tools --help >/dev/null && ./bin/analytics-tools explain >/dev/null &&
    ./bin/analytics-tools sample-data --out raw --scale 1000 >/dev/null &&
    ./bin/analytics-tools new acme --yes >/dev/null &&
    ./bin/analytics-tools add source web.orders --from raw/orders/orders --project-dir acme/analytics >/dev/null)
echo "dist/ holds version $version; the wheel installs and works by itself:"
ls dist
