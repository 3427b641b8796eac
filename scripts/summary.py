"""Prints, after `make build`, what was built, where it is and what to do next.

Usage: summary.py TARGET
"""

import json
import sys
from collections import Counter
from pathlib import Path

TARGET = Path("analytics/target")
WAREHOUSES = {"dev": "data/dev.duckdb", "prod": "data/analytics.duckdb"}


def main() -> None:
    results = json.loads((TARGET / "run_results.json").read_text(encoding="utf-8"))
    kinds = Counter(result["unique_id"].split(".")[0] for result in results["results"])
    tests = kinds["test"] + kinds["unit_test"]
    print()
    print(f"Built {kinds['model']} models, and {tests} tests passed.")
    warehouse = WAREHOUSES.get(sys.argv[1], f"of target {sys.argv[1]}")
    print(f"  warehouse   {warehouse:<24} (raw files: data/raw)")
    print("  artifacts   analytics/target         (documentation: make docs)")
    print("  next        make test, make day (land a day and build again), README.md")


main()
