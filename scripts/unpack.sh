#!/usr/bin/env bash
# Puts production where it belongs, complete or not at all: the production.zip in FOLDER to data/ and state/.
# Usage: unpack.sh FOLDER
set -euo pipefail
fresh=$1
cd "$(dirname "$0")/.."
python3 -m zipfile -e "$fresh/production.zip" "$fresh/files"
for part in data/analytics.duckdb data/raw/_landing.json state/manifest.json; do
    if [ ! -f "$fresh/files/$part" ]; then
        echo "error: the stored production lacks $part: deploy again" >&2
        exit 2
    fi
done
mkdir -p data
rm -rf data/raw data/analytics.duckdb state
mv "$fresh/files/data/analytics.duckdb" "$fresh/files/data/raw" data/
mv "$fresh/files/state" state
echo "Production is here: $(du -sh data/analytics.duckdb | cut -f1) of data, and its state."
