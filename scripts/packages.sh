#!/bin/sh
# Installs the dbt packages from the hub; where it can't be reached, the stand-in from analytics/offline.
# Usage: packages.sh BIN
set -eu
bin=$1
cd analytics
mkdir -p logs

# dbt asks a hub that is out of reach six times, with pauses. So it is asked once before, by the library dbt asks with.
reachable() {
    "$bin/python" -c 'import os, requests
requests.head(os.environ.get("DBT_PACKAGE_HUB_URL", "https://hub.getdbt.com/"), timeout=5)'
}

if { reachable && "$bin/dbt" --quiet deps; } >logs/deps.log 2>&1; then
    echo "dbt packages: installed from the hub."
else
    mkdir -p dbt_packages
    rm -rf dbt_packages/dbt_utils
    cp -R offline/dbt_utils dbt_packages/dbt_utils
    echo "dbt packages: the hub can't be reached (analytics/logs/deps.log), so analytics/offline/dbt_utils stands in."
fi
