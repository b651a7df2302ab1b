"""The pages of the site."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from mic2025lab import catalog
from mic2025lab.analyses import ANALYSES, get, notebook_file
from mic2025lab.claims import BASE_YEARS, Judged, data_years, forest, ledger
from mic2025lab.claims.verdict import VERDICTS
from mic2025lab.classifications import economies, industries, products, sectors
from mic2025lab.classifications.sectors import Sector
from mic2025lab.findings import listing
from mic2025lab.results.run import read_runs
from mic2025lab.runs.pages import html
from mic2025lab.site import board, search, sources, text
from mic2025lab.site import verdicts as claim_pages
from mic2025lab.site.changes import Story
from mic2025lab.site.reports import Group, Report, grouped
from mic2025lab.site.verdicts import SIGNS
from mic2025lab.version import __version__

#: Numbers in the table of sectors, and runs in a history.
COLUMNS, RUNS = 6, 6

#: The documentation, where `make docs` has put it into the folder of reports.
MANUAL = "manual/index.html"

#: The places that every page leads to, as far as they exist: name, title, page.
PLACES = [
    ("index", "Front page", "index.html"),
    ("claims", "Claims", "claims/index.html"),
    ("sectors", "Sectors", "sectors/index.html"),
    ("analyses", "Analyses", "analyses/index.html"),
    ("reports", "Reports", "reports.html"),
    ("data", "Data", "data.html"),
    ("changes", "What changed", "changes/index.html"),
    ("manual", "Documentation", MANUAL),
    ("search", "Search", "search.html"),
    ("feed", "Feed", "atom.xml"),
]

_TEMPLATES = Path(__file__).with_name("templates")
_SCRIPT = Path(__file__).with_name("site.js")


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Return the templates of the site's pages. Every value is escaped."""
    made = html.environment().overlay(loader=jinja2.FileSystemLoader(_TEMPLATES))
    filters = (
        search.also, claim_pages.readable, claim_pages.first_test, claim_pages.why_untested,
        text.begin, text.clip, text.emphasis, text.heading, text.measured, text.plain, text.urn, text.value, text.xml
    )  # fmt: skip
    # Runs record figures of the same names again and again.
    special = {"quoted": quote, "words": lru_cache(maxsize=4096)(html.words)}
    made.filters = {**made.filters, **special, **{each.__name__: each for each in filters}}
    script = _SCRIPT.read_text(encoding="utf-8")
    made.globals = {
        **made.globals,
        "version": __version__,
        "aims": board.AIMS,
        "base_years": BASE_YEARS,
        "claim_kinds": claim_pages.KINDS,
        "claim_page": claim_pages.page,
        "economies": economies.ECONOMIES,
        "forest": forest,
        "known": search.known,
        "last_years": data_years.last_years,
        "sectors": sectors.SECTORS,
        "signs": SIGNS,
        "standing": sources.standing,
        "script": Markup(script),
        "script_hash": f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'",
    }
    return made


@dataclass
class Site:
    """The content of all pages. A template reads what it needs of it, as `site`.

    Attributes
    ----------
    groups : list of Group
        The runs by analysis.
    unreadable : dict
        Folder -> reason, for the folders that cannot be read.
    claims : list of Judged
        The claims by number. Empty if no test has a figure.
    manual : bool
        Whether the folder has the documentation.
    """

    groups: list[Group]
    unreadable: dict[str, str]
    claims: list[Judged]
    manual: bool

    @classmethod
    def read(cls, reports: Path, path: Path = ledger.LEDGER) -> Site:
        """Read all runs of a folder of reports, with their results, and judge the claims of a ledger by them."""
        runs, unreadable = read_runs(reports, whole=True)
        claims, manual = claim_pages.judged(runs, path), (reports / MANUAL).is_file()
        return cls(grouped(runs), dict(sorted(unreadable.items())), claims, manual)

    @cached_property
    def reports(self) -> list[Report]:
        """All reports, by analysis."""
        return [report for group in self.groups for report in group.reports]

    @cached_property
    def good(self) -> list[Report]:
        """The reports on good runs."""
        return [report for report in self.reports if report.run.good]

    @cached_property
    def news(self) -> dict[str, str]:
        """What changed since the run before, by the place of the run."""
        return {report.run.place: report.news for report in self.reports}

    @property
    def tally(self) -> str:
        """How many claims have each verdict, in words."""
        found = Counter(one.verdict for one in self.claims)
        return listing(f"{found[verdict]} {verdict}" for verdict in VERDICTS if found[verdict])

    @property
    def without_run(self) -> set[str]:
        """The analyses that the claims need and that have no good run: their data are not missing."""
        needed = {each.test.analysis for one in self.claims for each in one.tests}
        return needed - {report.run.analysis for report in self.good}

    @property
    def scorecard(self) -> Report | None:
        """The report on all claims, if there is one."""
        return next((one.lead for one in self.groups if one.name == "scorecard" and one.lead.run.good), None)

    @cached_property
    def picture(self) -> dict[str, Any] | None:
        """The picture of the front page, if there is a run for it."""
        return board.read(report.run for report in self.reports)

    @cached_property
    def tables(self) -> dict[str, sources.Used]:
        """The tables of the catalog that the reports used."""
        return sources.used(self.groups)

    @cached_property
    def vintages(self) -> dict[str, catalog.Diff]:
        """What changed in the fetched vintages that the reports used, by page."""
        return sources.compared(self.tables)

    @cached_property
    def sentences(self) -> list[tuple[Report, str]]:
        """The sentences of the good reports."""
        return [(report, sentence) for report in self.good for sentence in report.run.results.finding]

    @cached_property
    def economies(self) -> dict[str, list[tuple[Report, str]]]:
        """The sentences on each economy that the reports name."""
        return sources.economies_named(self.sentences)

    @cached_property
    def places(self) -> list[tuple[str, str, str]]:
        """The places that every page leads to: name, title, page."""
        there = {
            "index": True,
            "claims": bool(self.claims),
            "changes": any(report.news for report in self.reports),
            "reports": bool(self.groups or self.unreadable),
            "manual": self.manual,
        }
        return [place for place in PLACES if there.get(place[0], bool(self.groups))]

    def render(self, page: str, template: str, **values: Any) -> str:
        """Fill a template for the page at this address."""
        root = "../" * page.count("/")
        return environment().get_template(f"{template}.j2").render(site=self, root=root, **values)

    def pages(self) -> dict[str, str]:
        """Write all pages except those of single changes."""
        return {page: self.render(page, template, **values) for page, template, values in self._contents()}

    def change(self, story: Story) -> str:
        """Write the page of one report's changes."""
        return self.render(story.report.page, "change.html", story=story)

    def _contents(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield address and template of each page, and what the page has to itself."""
        for name, _, page in self.places:
            if name != "manual":
                yield page, page.replace("/index", ""), {}
        for one in self.claims:
            yield claim_pages.page(one.claim), "claim.html", {"judged": one}
        for sector in sectors.SECTORS:
            yield f"sectors/{sector.slug}.html", "sector.html", self._sector(sector)
        for group in self.groups:
            yield group.page, "analysis.html", _analysis(group)
        for page, found in self.vintages.items():
            yield page, "vintage.html", {"found": found}
        if self.economies:
            yield "economies.html", "economies.html", {}

    @property
    def sector_numbers(self) -> dict[str, Any]:
        """The numbers that compare the sectors: those of the analysis with the most reports on one of the ten."""
        by_group = [
            (group, [one for one in group.reports if one.run.good and one.one_of_ten])
            for group in self.groups
        ]
        source, reports = max(by_group, key=lambda pair: len(pair[1]))
        results, columns = [report.run.results for report in reports], []
        order = results[0].order.figures if results else []
        for name in [name for name in order if all(name in each.figures for each in results)][:COLUMNS]:
            figures = [each.figures[name] for each in results]
            units = {figure.unit or "" for figure in figures}
            unit, note = units.pop() if len(units) == 1 else "", text.shared_end(one.note for one in figures)
            columns.append({"name": name, "unit": unit, "note": note, "figures": figures})
        rows = []
        for sector in sectors.SECTORS:
            there = [report for report in reports if sector.slug in report.sectors]
            # The report with the fewest other parameters represents the sector.
            rows.append((sector, min(there, key=lambda report: len(report.run.changed), default=None)))
        return {"source": source if results else None, "columns": columns, "rows": rows}

    def _sector(self, sector: Sector) -> dict[str, Any]:
        by_group = [
            (group, [one for one in group.reports if sector.slug in one.sectors]) for group in self.groups
        ]
        name = sector.slug.replace("_", " ")
        word = re.compile(rf"\b{name}\b", re.IGNORECASE)
        return {
            "sector": sector,
            "industries": [industries.VALUE_ADDED[slug] for slug in sector.industries],
            "groups": [(group, reports) for group, reports in by_group if reports],
            "products": [line for line in products.reviewed() if line.sector == sector.slug],
            "elsewhere": [
                (report, sentence)
                for report, sentence in self.sentences
                if name in sentence.lower() and word.search(sentence) and not report.one_of_ten
            ],
        }


def _analysis(group: Group) -> dict[str, Any]:
    """Return the page's own: the analysis with the paragraphs under its title if it is the package's, and the numbers over time."""
    histories = [history(report) for report in group.reports if report.earlier]
    if group.name not in ANALYSES:
        return {"group": group, "analysis": None, "introduction": [], "histories": histories}
    first, *_ = notebook_file.read(ANALYSES[group.name]).cells
    below = first.text.partition("\n")[2] if first.cell_type == "markdown" else ""
    paragraphs = [" ".join(paragraph.split()) for paragraph in below.split("\n\n") if paragraph.strip()]
    return {"group": group, "analysis": get(group.name), "introduction": paragraphs, "histories": histories}


def history(report: Report) -> dict[str, Any]:
    """Return the numbers of a report in its last runs, oldest first. Only numbers that changed have a row."""
    runs = [*reversed(report.earlier[: RUNS - 1]), report.run]
    names, rows = report.run.results.order.figures, []
    for name in names:
        figures = [run.results.figures.get(name) for run in runs]
        changed = [False, *(old != new for old, new in pairwise(figures))]
        if any(changed):
            written = [text.measured(figure) if figure else ("–", "") for figure in figures]
            rows.append(
                (name, report.run.results.figures[name].unit or "", list(zip(written, changed, strict=True)))
            )
    return {"report": report, "runs": runs, "rows": rows, "same": len(names) - len(rows)}
