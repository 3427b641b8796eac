#!/bin/sh
# The gate that says the dbt project also parses on dbt v2: installs that parser apart, from a plain wheel, and
# gives it a copy of the project whose packages are those already installed. A deprecation is an error.
# Usage: parse_v2.sh PYTHON
set -eu
python=$1
version=2.0.0a4
venv=.cache/dbt-v2-$version

if [ ! -f "$venv/.installed" ]; then
    "$python" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
        "dbt-core-experimental-parser==$version"
    touch "$venv/.installed"
fi

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
tar -C analytics --exclude=./target --exclude=./logs --exclude=./package-lock.yml -cf - . | tar -C "$copy" -xf -
mv "$copy/dbt_packages/dbt_utils" "$copy/installed_dbt_utils"
printf 'packages:\n  - local: installed_dbt_utils\n' >"$copy/packages.yml"

parser=$(pwd)/$venv/bin/dbt-core-experimental-parser
cd "$copy"
# That parser does not know the warning that dbt_project.yml silences, so the options are given here.
"$parser" parse --warn-error-options '{"error": ["Deprecations"]}'
