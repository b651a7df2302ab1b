"""What the search page lists: claims, sectors, analyses, reports, tables, economies, and products, each with the words that find it.

The list is part of the page, so that it works from a file and, as a map of the site, without JavaScript.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mic2025lab.claims import Judged
from mic2025lab.classifications import economies, industries, lists, products, sectors
from mic2025lab.searching import expression
from mic2025lab.site import text, verdicts
from mic2025lab.site.reports import Group, Report
from mic2025lab.site.sources import Used


@dataclass(frozen=True)
class Entry:
    """One thing that can be found: its title, its page, a line about it, and words that are not shown but find it."""

    title: str
    page: str
    told: str
    words: str = ""

    @property
    def synonyms(self) -> str:
        """The hidden words, and what people also call what the entry names."""
        return " ".join(filter(None, [self.words, also(f"{self.title} {self.told} {self.words}")]))


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


def entries(
    groups: Sequence[Group], judged: Iterable[Judged], tables: Mapping[str, Used], named: Mapping[str, object]
) -> dict[str, list[Entry]]:
    """List what can be found, by kind.

    Parameters
    ----------
    groups : sequence of Group
        The runs.
    judged : iterable of Judged
        The claims that have a page.
    tables : mapping
        The tables that have a place on the page of data.
    named : mapping
        The economies that have a place on their page.
    """
    found = {
        "Claims": [_claim(one) for one in judged],
        "Sectors": [_sector(one) for one in sectors.SECTORS],
        "Analyses": [
            _report(one.lead, one.question, one.page, f"{one.name.replace('_', ' ')} {one.title}")
            for one in groups
        ],
        "Reports": [
            _report(report, f"{group.title}: {report.heading}", f"{report.run.place}/notebook.html")
            for group in groups
            for report in group.reports[1:]
        ],
        "Tables": [
            Entry(one.title, f"data.html#{name}", f"Table {name}. {one.producers}", name.replace("_", " "))
            for name, one in tables.items()
        ],
        "Economies": [_economy(code, name, named) for code, name in economies.ECONOMIES.items()],
        "Products": list(_products()),
    }
    return {kind: made for kind, made in found.items() if made}


def _claim(one: Judged) -> Entry:
    claim = one.claim
    words = " ".join([*(part.says for part in claim.parts), *(test.says for test in claim.tests)])
    told = f"{one.verdict.capitalize()}; {one.coverage}."
    return Entry(f"{claim.number}. {claim.sentence}", verdicts.page(claim), told, words)


def _sector(one: sectors.Sector) -> Entry:
    goods = (line.keyword.replace("|", " ") for line in products.reviewed() if line.sector == one.slug)
    names = (industries.VALUE_ADDED[slug] for slug in one.industries)
    words = " ".join([one.slug.replace("_", " "), one.name_zh, *names, *dict.fromkeys(goods)])
    return Entry(one.name, f"sectors/{one.slug}.html", f"Sector {one.number} of the plan.", words)


def _report(report: Report, title: str, page: str, words: str = "") -> Entry:
    run = report.run
    told = text.plain(run.results.finding[0]) if run.good and run.results.finding else "No answer."
    return Entry(title, page, text.clip(told, 300), words)


def _economy(code: str, name: str, named: Mapping[str, object]) -> Entry:
    told = "Sentences of the reports that name it." if code in named else "No sentence of a report names it."
    return Entry(name, f"economies.html#{code}" if code in named else "", told, code)


def _products() -> Iterator[Entry]:
    seen = set()
    for line in products.reviewed():
        if line.confidence != "excluded" and (line.sector, line.product) not in seen:
            seen.add((line.sector, line.product))
            title = f"HS {line.product}: {line.keyword.replace('|', ', ')}"
            told = f"{text.begin(line.reason)}. Sector {sectors.get(line.sector).number}."
            yield Entry(title, f"sectors/{line.sector}.html#products", told)
