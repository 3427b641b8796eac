"""Prints, after `make build`, what was built, where it is and what to do next."""

import json
from collections import Counter
from pathlib import Path

TARGET = Path("analytics/target")


def main() -> None:
    results = json.loads((TARGET / "run_results.json").read_text(encoding="utf-8"))
    kinds = Counter(result["unique_id"].split(".")[0] for result in results["results"])
    tests = kinds["test"] + kinds["unit_test"]
    print()
    print(f"Built {kinds['model']} models, and {tests} tests passed.")
    print("  warehouse   data/dev.duckdb          (raw files: data/raw)")
    print("  artifacts   analytics/target         (documentation: make docs)")
    print("  next        make test, make day (land a day and build again), README.md")


main()
