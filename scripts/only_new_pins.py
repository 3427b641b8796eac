"""Prints the pins of one lock that another does not have, with their hashes.

Usage: only_new_pins.py BASE_LOCK LOCK
"""

import re
import sys
from pathlib import Path

HEAD = """# Installed beside requirements.lock, of the same versions: by `make build TARGET=...`.
# `make lock` compiles it from the dependency group of the same name in pyproject.toml.
"""


def pins(path: str) -> dict[str, str]:
    """Each pin's requirement by the name of its package."""
    text = Path(path).read_text(encoding="utf-8")
    found = re.findall(r"^([A-Za-z0-9._-]+)((?:.|\n    )*)", text, re.M)
    return {name: name + rest for name, rest in found}


def main() -> None:
    base, lock = (pins(path) for path in sys.argv[1:])
    new = [pin for name, pin in lock.items() if name not in base]
    print(HEAD + "\n".join(new))


main()
