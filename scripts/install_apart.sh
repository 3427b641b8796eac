#!/bin/sh
# Installs adapters beside the environment, each in a folder of its own that PYTHONPATH names: some ask for versions that the
# others can't live with. For tests that compile for engines which are not there.
# Usage: install_apart.sh VENV ENGINE ...
set -eu
venv=$1
shift

for engine in "$@"; do
    lock=requirements-$engine.lock
    folder=$venv/engines/$engine
    [ ! "$folder/.installed" -nt "$lock" ] || continue
    echo "Installing $lock into $folder ..."
    rm -rf "$folder"
    PIP_DISABLE_PIP_VERSION_CHECK=1 "$venv/bin/python" -m pip install --quiet --no-compile --no-deps --target "$folder" -r "$lock"
    touch "$folder/.installed"
done
