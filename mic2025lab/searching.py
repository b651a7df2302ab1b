"""`lab.search`: tables, columns, industries, products, sectors, economies, claims, analyses, metrics, and models by the words that people use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from mic2025lab.classifications import lists

if TYPE_CHECKING:
    from mic2025lab.catalog.listing import Listing

#: kind, name, what it is, the line that uses it, and more text to find it by.
_Item = tuple[str, str, str, str, str]


def search(words: str, *, each: int = 6) -> Listing:
    """Find tables, columns, industries, products, sectors, economies, claims, analyses, metrics, and models.

    A result has every word, or a word that means the same ("chips", "semiconductors", "integrated circuits").
    Matches in a name come first.

    Parameters
    ----------
    words : str
        What to look for, such as ``"chips"`` or ``"EV"``. Case and the plural do not matter.
    each : int
        How many to show of each kind; a last row says how many more there are.

    Returns
    -------
    pandas.DataFrame
        `kind`, `name`, `what`, and `use`: the line of code, or the command, that uses it.

    Examples
    --------
    >>> found = search("chips")
    >>> found.loc[found["name"] == "8542", "what"].item()
    'Electronic integrated circuits'
    >>> search("photovoltaic")["name"].tolist() == search("solar")["name"].tolist()
    True
    """
    from mic2025lab.catalog.listing import Listing

    patterns = _patterns(words)
    found: dict[str, list[tuple[float, int, _Item]]] = {}
    for item in (*_tables(), *_others()) if patterns else ():
        kind, name, what, _, more = item
        levels = [name.rpartition(".")[2].replace("_", " "), what, more.replace("_", " ")]
        places = [
            next((8 >> 2 * i for i, text in enumerate(levels) if one.search(text)), None) for one in patterns
        ]
        if None not in places:
            found.setdefault(kind, []).append((-sum(filter(None, places)), len(what), item))
    rows = []
    for kind, items in found.items():
        rows += [item[:4] for *_, item in sorted(items)[:each]]
        if len(items) > each:
            rows.append((kind, "…", f"{len(items) - each} more", f"lab.search({words!r}, each={len(items)})"))
    return Listing(rows, columns=["kind", "name", "what", "use"])


def _patterns(words: str) -> list[re.Pattern[str]]:
    """Return what an item must have: one of the synonyms of each expression, and each other word."""
    rest, wanted = f" {words.casefold()} ", []
    for row in lists.read("synonyms"):
        same = [expression(word) for word in row["words"].split("|")]
        if re.search("|".join(same), rest):
            rest = re.sub("|".join(same), " ", rest)
            wanted.append(same)
    wanted += [[expression(word)] for word in re.findall(r"\w[\w&.-]*", rest)]
    return [re.compile("|".join(same), re.IGNORECASE) for same in wanted]


def expression(word: str) -> str:
    """Match a word and its plural; a longer one also at the start of another ("semiconductor" in "semiconductors-based")."""
    if not word.isascii():
        return re.escape(word)
    stem = re.sub("ies$", "y", word) if len(word) > 4 else word
    stem = stem.removesuffix("s") if len(stem) > 3 and not stem.endswith("ss") else stem
    end = r"(s|es)?\b" if len(stem) < 5 else r"\w*"
    return rf"\b{re.escape(stem.removesuffix('y'))}{'(y|ies)' if stem.endswith('y') else ''}{end}"


def _tables() -> Iterator[_Item]:
    """Yield tables and their columns; not kept, because a table may be built or registered at any time."""
    from mic2025lab.catalog.entries import every

    for name, entry in every().items():
        load = f'lab.{"scan" if entry.format == "partitioned" else "load"}("{name}"'
        use = f"{load})" if entry.sha256 else f'lab.describe("{name}")'
        values = [str(value) for span in entry.coverage.values() if isinstance(span, list) for value in span]
        yield "table", name, entry.title, use, f"{entry.description} {' '.join(values)}"
        for column, about in entry.columns.items():
            unit = f" [{about['unit']}]" if about.get("unit") else ""
            whole = f'lab.load("{name}")["{column}"]' if use.startswith("lab.load") else use
            yield "column", f"{name}.{column}", about.get("description", "") + unit, whole, ""


@lru_cache(maxsize=1)
def _others() -> tuple[_Item, ...]:
    return tuple(
        item
        for make in (_sectors, _industries, _products, _claims, _analyses, _functions, _economies)
        for item in make()
    )


def _sectors() -> Iterator[_Item]:
    from mic2025lab.classifications.sectors import SECTORS

    for one in SECTORS:
        use = f'lab.load("sector_products", sector="{one.slug}")'
        yield "sector", one.slug, one.name, use, f"{one.name_zh} {one.match_note} {' '.join(one.industries)}"


def _industries() -> Iterator[_Item]:
    from mic2025lab.catalog.listing import industries

    for row in industries().to_dict("records"):
        use = f'lab.load("{row["table"]}", {row["column"]}="{row["industry"]}")'
        yield "industry", row["industry"], row["name"], use, f"{row['table']} {row['sector']}"


def _products() -> Iterator[_Item]:
    from mic2025lab.catalog.loading import present
    from mic2025lab.classifications.products import codes, describe

    traded = set(present("us_imports", "product"))
    for code in (code for level in (2, 4, 6) for code in codes("HS22", level)):
        use = f'lab.load("hs_products", hs="HS22", code="{code}")'
        use = f'lab.load("us_imports", product="{code}")' if code in traded else use
        yield "product", code, describe(code, "HS22") or "", use, ""


def _claims() -> Iterator[_Item]:
    from mic2025lab.claims import ledger

    for claim in ledger.read():
        tests = " ".join(test.says for test in claim.tests)
        yield "claim", claim.id, claim.sentence, f"mic2025lab claims show {claim.id}", f"{claim.why} {tests}"


def _analyses() -> Iterator[_Item]:
    from mic2025lab import analyses

    for name in analyses.ANALYSES:
        one = analyses.get(name)
        yield "analysis", name, f"{one.title}: {one.question}", f"mic2025lab run {name}", ""


def _functions() -> Iterator[_Item]:
    from mic2025lab import metrics, models

    for kind, room in (("metric", metrics), ("model", models)):
        for name in room.__all__:
            found = getattr(room, name)
            if callable(found) and not isinstance(found, type):
                first, _, rest = (found.__doc__ or "").partition("\n")
                yield kind, name, first, f"lab.{kind}s.{name}(…)", rest.partition("Parameters")[0]


def _economies() -> Iterator[_Item]:
    from mic2025lab.catalog.loading import present
    from mic2025lab.classifications.economies import ROWS

    there = present("manufacturing_value_added", "economy")
    for row in ROWS:
        load = f'lab.load("manufacturing_value_added", economy="{row["code"]}")'
        use = load if row["code"] in there else "lab.economies()"
        yield "economy", row["code"], row["name"], use, row["other_names"].replace("|", ", ")
