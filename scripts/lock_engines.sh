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
compile() {
    UV_SYSTEM_CERTS=1 "$bin/uv" pip compile --quiet "$@" --universal --python-version 3.11 --generate-hashes \
        --no-annotate --no-emit-index-url --no-emit-find-links --no-header --output-file "$fresh/$lock"
}

for group in $groups; do
    lock=requirements-$group.lock
    asked="pyproject.toml --group dev --group $group"
    [ ! -f "$lock" ] || cp "$lock" "$fresh/$lock"
    # Some adapters allow only older versions than the rest needs. They get those of requirements.lock all the same.
    if ! compile "$@" $asked --constraint requirements.lock 2>"$fresh/why"; then
        echo "$lock: no versions suit both, so it has those of requirements.lock: $(sed -n 2p "$fresh/why")" >&2
        compile "$@" $asked --override requirements.lock
    fi
    "$bin/python" scripts/only_new_pins.py requirements.lock "$fresh/$lock" >"$fresh/only-$lock"
    mv "$fresh/only-$lock" "$lock"
done
