#!/bin/sh
# Makes .venv and installs the locked environment into it: with uv where there is one, else with pip.
# Usage: install.sh PYTHON VENV
set -eu
python=$1
venv=$2

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "error: $python is older than Python 3.11. Name a newer one: make build PYTHON=python3.12" >&2
    exit 2
fi

# Trust the machine's own certificates, so that uv works behind a proxy that re-signs traffic.
export UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 PIP_DISABLE_PIP_VERSION_CHECK=1

with_uv() {
    uv venv --quiet --clear --python "$python" "$venv" &&
        uv pip install --quiet --compile-bytecode --no-deps --python "$venv/bin/python" -r requirements.lock &&
        uv pip install --quiet --no-deps --no-build-isolation --python "$venv/bin/python" -e .
}

with_pip() {
    "$python" -m venv --clear "$venv" &&
        "$venv/bin/python" -m pip install --quiet --no-deps -r requirements.lock &&
        "$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation -e .
}

if command -v uv >/dev/null 2>&1; then
    echo "Installing the locked environment into $venv with uv ..."
    with_uv || {
        echo "uv could not install it; trying pip ..." >&2
        with_pip
    }
else
    echo "Installing the locked environment into $venv with pip (half a minute; uv would take seconds) ..."
    with_pip
fi
