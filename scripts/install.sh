#!/bin/sh
# Makes .venv and installs the locked environment into it: with uv, the machine's own or the one that the lock names, for
# it takes a fifth of pip's time; with pip where uv can't do it. Nothing is compiled beforehand: Python does so with what
# it imports, which is a quarter of all.
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

pip() {
    "$venv/bin/python" -m pip "$@"
}

# The machine's uv, or one of our own: the lock's lines about it, for pip to check its hash.
find_uv() {
    command -v uv && return
    sed -n '/^uv==/,/[^\\]$/p' requirements.lock >"$venv/uv.txt"
    pip install --quiet --no-compile --no-deps -r "$venv/uv.txt" >&2 && echo "$venv/bin/uv"
}

with_uv() {
    uv=$(find_uv) || return
    # uv does not read pip's settings: it is told of the index, where they name one.
    index=${PIP_INDEX_URL:-$(pip config get global.index-url 2>/dev/null || true)}
    [ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
    "$uv" pip install --quiet --no-deps --python "$venv/bin/python" -r requirements.lock &&
        "$uv" pip install --quiet --no-deps --no-build-isolation --python "$venv/bin/python" -e .
}

with_pip() {
    pip install --quiet --no-compile --no-deps -r requirements.lock &&
        pip install --quiet --no-deps --no-build-isolation -e .
}

echo "Installing the locked environment into $venv ..."
"$python" -m venv --clear "$venv"
with_uv || {
    echo "uv could not install it; trying pip, which takes half a minute ..." >&2
    with_pip
}
