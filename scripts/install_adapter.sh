#!/bin/sh
# Adds what a lock of its own names to the environment: an engine's adapter, and what only it needs.
# Usage: install_adapter.sh VENV LOCK
set -eu
venv=$1
lock=$2

echo "Installing $lock into $venv ..."
PIP_DISABLE_PIP_VERSION_CHECK=1 "$venv/bin/python" -m pip install --quiet --no-compile --no-deps -r "$lock"
