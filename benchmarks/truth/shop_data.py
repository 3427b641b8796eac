"""The rows of the shop: data in which an edit that could change a result does change it."""

from __future__ import annotations

import random
from collections.abc import Callable

# Names and places as they come: some often, many once.
_FIRST = (
    "Ada", "Grace", "Alan", "", "Edsger", "Barbara", "Donald", "ada", "Lovelace",
    "Niklaus", "Radia", "Ken", "Frances", "Tony", "Karen", "Robin", "Dana", "Whitfield",
    "Shafi", "Leslie", "Kay", "Scott", "Dennis", "Jean", "Lynn", "Perry", "Stewart",
    "Marvin", "Corrado", "Juris",
)  # fmt: skip
_LAST = (
    "Lovelace", "Hopper", "", "Turing", "Dijkstra", "Knuth", "Ada", " Liskov", "Scott",
    "Wirth", "Perlman", "Allen", "Hoare", "Dana", "Milner", "Diffie", "Leslie", "Lamport",
    "Kay", "Conway", "Dennis", "Bartik", "Marvin", "Nygaard", "Stearns", "Robin", "Jean",
)  # fmt: skip
_CITY = (
    "London", "Paris", "", "Austin", "Rome", "Oslo", "Bonn", "Lima", "Testville", "Kyiv",
    "Turin", "Leeds", "Porto", "Basel", "Ghent", "Malmo", "Delft", "Zadar", "Cork", "Brno",
)  # fmt: skip
_REGIONS = (
    ("London", "UK"), ("Paris", "EU"), ("Austin", "US"), ("Rome", "EU"), ("Lima", ""),
    ("Bonn", "eu"), ("Testville", "dev"), ("Turin", "EU"), ("Leeds", "UK"),
    ("Basel", "CH"), ("Cork", "IE"), ("Zadar", "Oslo"), ("Brno", "Oslo"),
)  # fmt: skip
_STATUS = ("completed", "shipped", "placed", "returned", "lost", "", "Placed")
_METHOD = ("card", "bank", "coupon", "")
# Both sides of every limit that a model or variable asks about, and null.
_AMOUNT = (
    "", "-200", "-100", "-50", "0", "5", "50", "99", "100", "101", "500", "900", "1000",
    "1999", "2000", "2001", "5600", "5700", "5900", "5950", "6000", "6050", "6100", "7000",
)  # fmt: skip
_DAY = ("", "2023-12-31", "2024-01-01", "2024-01-31", "2024-02-29", "2024-06-15", "2024-12-31",
        "2025-01-01")  # fmt: skip


def _table(head: str, number: int, row: Callable[[int], tuple[object, ...]]) -> str:
    lines = [",".join(str(cell) for cell in row(place)) for place in range(1, number + 1)]
    return "\n".join([head, *lines]) + "\n"


def _often(rng: random.Random, words: tuple[str, ...]) -> str:
    """Return one of some words, those before far more often than those behind."""
    return words[min(int(rng.expovariate(4 / len(words))), len(words) - 1)]


def _day(rng: random.Random) -> str:
    return rng.choice(_DAY) if rng.random() < 0.7 else f"2024-03-{rng.randrange(1, 32):02}"


def _order(rng: random.Random, number: int) -> tuple[object, ...]:
    """An order: of few customers who come often, of many who come once, of nobody known."""
    often = rng.random() < 0.4
    customer = rng.randrange(1, 13) if often else rng.choice(["", *range(13, 75)])
    return number, customer, _day(rng), _often(rng, _STATUS)


def _payment(rng: random.Random, number: int) -> tuple[object, ...]:
    amount = rng.choice(_AMOUNT) if rng.random() < 0.6 else rng.randrange(-300, 9000)
    return number, rng.choice(["", *range(1, 130)]), _often(rng, _METHOD), amount


def seeds() -> dict[str, str]:
    """Return the seeds: nulls, duplicates, keys without a partner, values on every limit."""
    rng = random.Random(11)  # noqa: S311
    payments = _table("id,order_id,method,amount", 200, lambda n: _payment(rng, n))
    twice = rng.sample(payments.splitlines()[1:], 6)
    # Customers of one order and one payment each: what they are worth is on the limits as well.
    # Some have another order of the same amount.
    once = list(enumerate(_AMOUNT, 301))
    alike = [(n + 100, n, amount) for n, amount in once[4::3]]
    paid = once + [(n, amount) for n, _, amount in alike]
    return {
        "raw_customers": _table(
            "id,first_name,last_name,city", 70,
            lambda n: (n, _often(rng, _FIRST), _often(rng, _LAST), _often(rng, _CITY)),
        ) + "".join(f"{n},{_FIRST[n % 7]},Once,{rng.choice(_CITY)}\n" for n, _ in once),
        "raw_orders": _table("id,user_id,order_date,status", 120, lambda n: _order(rng, n))
        + "".join(f"{n},{n},{_day(rng)},completed\n" for n, _ in once)
        + "".join(f"{n},{customer},{_day(rng)},shipped\n" for n, customer, _ in alike),
        "raw_payments": payments + "".join(f"{line}\n" for line in twice)
        + "".join(f"{n},{n},{_often(rng, _METHOD)},{amount}\n" for n, amount in paid),
        "regions": "city,region\n" + "".join(f"{city},{region}\n" for city, region in _REGIONS),
    }  # fmt: skip


def _later(gone: tuple[str, ...], rows: str) -> Callable[[str], str]:
    """Return a delivery: rows whose key is in `gone` leave, others come at the end."""

    def deliver(text: str) -> str:
        lines = text.splitlines(keepends=True)
        kept = [line for line in lines if line.split(",")[0].strip('"') not in gone]
        return "".join(kept) + rows

    return deliver


# How the seeds stand by day. The second delivers new rows, late ones, some known before that are
# otherwise now, some once more, and takes rows away.
_SECOND = {
    "seeds/raw_customers.csv": _later(
        ("9", "30"), "71,Grace,Turing,Paris\n3,Ada,Moved,Oslo\n72,Lynn,Conway,\n73,,,Atlantis\n"
    ),
    "seeds/raw_orders.csv": _later(
        ("7", "40"), "121,71,2024-12-31,completed\n122,5,2024-03-02,lost\n123,,,\n"
        "124,72,2024-03-02,returned\n125,3,2024-01-01,shipped\n126,73,2025-01-01,placed\n"
    ),
    "seeds/raw_payments.csv": _later(
        ("11",), "201,121,card,6000\n202,122,,-100\n203,7,bank,\n200,9,card,4321\n"
        "150,12,coupon,77\n204,,bank,2000\n206,125,card,100\n207,124,coupon,0\n,30,card,55\n"
        "205,126,,\n208,126,bank,-300\n207,124,coupon,5600\n"
    ),
}  # fmt: skip
DAYS: tuple[dict[str, Callable[[str], str]], ...] = ({}, _SECOND)
