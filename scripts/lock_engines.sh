#!/bin/sh
# Compiles a lock for each engine's dependency group of pyproject.toml: what requirements.lock lacks, and no other versions
# of what it has. `make lock` calls it.
# Usage: lock_engines.sh BIN [uv's options]
set -eu
bin=$1
shift
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

groups=$("$bin/python" -c '
import tomllib
with open("pyproject.toml", "rb") as about:
    print(*(name for name in tomllib.load(about)["dependency-groups"] if name != "dev"))')
for group in $groups; do
    lock=requirements-$group.lock
    [ ! -f "$lock" ] || cp "$lock" "$fresh/$lock"
    UV_SYSTEM_CERTS=1 "$bin/uv" pip compile --quiet "$@" pyproject.toml --group dev --group "$group" \
        --constraint requirements.lock --universal --python-version 3.11 --generate-hashes --no-annotate \
        --no-emit-index-url --no-emit-find-links --no-header --output-file "$fresh/$lock"
    "$bin/python" scripts/only_new_pins.py requirements.lock "$fresh/$lock" >"$fresh/only-$lock"
    mv "$fresh/only-$lock" "$lock"
done
