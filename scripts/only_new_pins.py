"""Prints the pins of one lock that another does not have, with their hashes.

Usage: only_new_pins.py BASE_LOCK LOCK
"""

import re
import sys
from pathlib import Path

HEAD = """# Installed beside requirements.lock, of the same versions: by `make build TARGET=...`.
# `make lock` compiles it from the dependency group of the same name in pyproject.toml.
"""


def pins(path: str) -> list[tuple[str, str]]:
    """Each pin's package and text; a package may have one for older Pythons and one for newer."""
    text = Path(path).read_text(encoding="utf-8")
    found = re.findall(r"^([A-Za-z0-9._-]+)((?:.|\n    )*)", text, re.M)
    return [(name, name + rest) for name, rest in found]


def main() -> None:
    base, lock = (pins(path) for path in sys.argv[1:])
    known = {name for name, _ in base}
    new = [pin for name, pin in lock if name not in known]
    print(HEAD + "\n".join(new))


main()
