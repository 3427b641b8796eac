#!/bin/sh
# Runs dbt inside analytics/ and explains the one failure that dbt itself does not: a file in use.
# Usage: dbt.sh BIN ARGUMENTS...
set -u
dbt=$1/dbt
shift
cd analytics || exit 2
mkdir -p ../data logs

# dbt colours its lines even in a pipe unless it is told not to.
if [ ! -t 1 ] || [ -n "${NO_COLOR:-}" ]; then
    export DBT_USE_COLORS=false
fi

"$dbt" "$@"
status=$?
if [ $status -ne 0 ] && tail -n 400 logs/dbt.log 2>/dev/null | grep -q "Could not set lock on file"; then
    echo "error: another process has the warehouse file open, and DuckDB lets one write at a time:" >&2
    echo "       close it (a notebook, the duckdb shell, another dbt) and run make again." >&2
fi
exit $status
