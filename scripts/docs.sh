#!/bin/sh
# Generates dbt's catalog and documentation beside the build's results: `dbt docs generate` compiles, and
# would leave the results of that compilation where those of the build were.
# Usage: docs.sh BIN ARGUMENTS...
set -u
results=analytics/target/run_results.json
[ -f "$results" ] && cp "$results" "$results.kept"
bin=$1
shift
"$(dirname "$0")/dbt.sh" "$bin" --quiet docs generate "$@"
status=$?
[ -f "$results.kept" ] && mv "$results.kept" "$results"
exit $status
