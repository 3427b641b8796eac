#!/bin/sh
# Adds what a lock of its own names to the environment: an engine's adapter, and what only it needs.
# Usage: install_adapter.sh VENV LOCK
set -eu
venv=$1
lock=$2

# Trust the machine's own certificates, so that uv works behind a proxy that re-signs traffic.
export UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 PIP_DISABLE_PIP_VERSION_CHECK=1

echo "Installing $lock into $venv ..."
if ! command -v uv >/dev/null 2>&1 ||
    ! uv pip install --quiet --compile-bytecode --no-deps --python "$venv/bin/python" -r "$lock"; then
    "$venv/bin/python" -m pip install --quiet --no-deps -r "$lock"
fi
