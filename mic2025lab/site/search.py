"""What the search page lists beside the pages of the site, and the words that people use for it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from mic2025lab.classifications import industries, lists, products, sectors
from mic2025lab.searching import expression


@lru_cache(maxsize=1)
def _synonyms() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    rows = [tuple(row["words"].split("|")) for row in lists.read("synonyms")]
    return tuple((re.compile("|".join(map(expression, row)), re.IGNORECASE), row) for row in rows)


@lru_cache(maxsize=4096)
def also(said: str) -> str:
    """Return the synonyms of what a text names, from `synonyms.csv`.

    >>> "chip" in also("Imports of semiconductors"), also("everything in Saint Kitts and Nevis")
    (True, '')
    """
    return " ".join(word for pattern, row in _synonyms() if pattern.search(said) for word in row)


def known() -> dict[str, Any]:
    """Return what is known of the sectors whatever the runs: numbers, industries, and products."""
    reviewed = products.reviewed()
    goods = {(one.sector, one.product): one for one in reversed(reviewed) if one.confidence != "excluded"}
    return {
        "numbers": {one.slug: one.number for one in sectors.SECTORS},
        "industries": {
            one.slug: " ".join(industries.VALUE_ADDED[slug] for slug in one.industries)
            for one in sectors.SECTORS
        },
        "products": reviewed,
        "goods": list(reversed(goods.values())),
    }
