"""Builds the site of a folder of reports. Only pages that have changed are written."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from mic2025lab import catalog
from mic2025lab.errors import SourceError
from mic2025lab.results import files
from mic2025lab.site import publish
from mic2025lab.site.publish import Kept
from mic2025lab.sources.folders import cache_dir

if TYPE_CHECKING:
    from mic2025lab.site.pages import Site

#: What draws the charts of the pages of runs, which load it when they need it.
LIBRARY = "assets/vega.js"

#: Of the files of the package, those that the pages are made with.
_KINDS = {".py", ".j2", ".css", ".js", ".yml", ".ipynb", ".md"}


def build_site(reports: str | Path) -> Path:
    """Write the site of a folder of reports.

    Pages: `index.html`, which reads in a minute; `reports.html` with every report; `data.html` with the tables and their sources;
    `search.html`; `economies.html`; `sectors/<slug>.html` for each of the ten sectors; `analyses/<name>.html` for each analysis with a run;
    `claims/<id>.html` for each claim, and `claims/index.html`, their verdicts by base year, if a run has a figure for a test;
    `changes/<analysis>/<run>.html` for each report with an earlier good run of the same parameters, and their list; `atom.xml`;
    `docs/`, which reports cite; a link to the documentation, if `make docs` has put it into `manual/`; `assets/vega.js`, the library of the charts.
    The pages of the runs themselves are not touched. All links are relative. If runs, code, tables, and pages are unchanged, nothing is
    written.

    Parameters
    ----------
    reports : path
        The folder that holds `runs/`.

    Returns
    -------
    Path
        The front page, absolute.

    Raises
    ------
    RunError
        If a page cannot be written.
    """
    reports = Path(reports).absolute()
    before = publish.kept(reports)
    code = code_digest()
    inputs = files.combined(
        [
            code,
            str((reports / "manual" / "index.html").is_file()),
            *_tables(),
            *(f"{run.relative_to(reports)!a} {files.run_digest(run)}" for run in files.run_folders(reports)),
        ]
    )
    if inputs != before.inputs or not before.intact(reports):
        collects = gc.isenabled()
        gc.disable()  # what is read stays until the pages are written, and going through it again and again takes time
        try:
            _build(reports, inputs, code, before)
        finally:
            if collects:
                gc.enable()
    return reports / "index.html"


def get_ready() -> None:
    """Import, read, and compile what every build needs: a thread can do so while a kernel works."""
    from mic2025lab.claims import ledger
    from mic2025lab.site import pages, sources

    sources.standing()
    ledger.read()
    for template in pages.environment().list_templates(extensions=["j2"]):
        pages.environment().get_template(template)


def code_digest() -> str:
    """Return one sha256 for what the pages are written by: modules, templates, the ledger, the notebooks, the catalog."""
    package = catalog.PACKAGE
    folders = (package, package.parent / "notebooks", package.parent / "docs")
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in _KINDS]
    paths += sorted(package.glob("classifications/*.csv"))
    paths.append(catalog.data_dir() / "catalog.json")
    return files.combined(f"{path.name} {files.digest(path)}" for path in paths)


def _tables() -> Iterator[str]:
    """Yield what is known of the tables of this machine: those built, fetched, and converted here, and the vintages in use."""
    yield str(sorted(catalog.vintages.pins().items()))
    with suppress(SourceError):  # no home folder: nothing was built here
        cache = cache_dir()
        for pattern in ("tables/*.json", "tables/*/*.json", "*/*_V*/manifest.json"):
            yield from (f"{path.name} {files.digest(path)}" for path in sorted(cache.glob(pattern)))


def _build(reports: Path, inputs: str, code: str, before: Kept) -> None:
    # Imported here, so that a build with nothing to do starts at once.
    from mic2025lab.runs.pages import cited
    from mic2025lab.site.pages import Site

    site = Site.read(reports)
    written, changes = _changes(site, code, before, reports)
    written |= site.pages() | cited.pages()
    if site.groups:
        written[LIBRARY] = Path(__file__).with_name("vega.js").read_text(encoding="utf-8")
    digests = {page: sha256(text.encode("utf-8")).hexdigest() for page, text in written.items()}
    unchanged = {page: before.pages[page] for page in changes if page not in written}
    publish.publish(reports, written, Kept(inputs, {**unchanged, **digests}, changes), before)


def _changes(
    site: Site, code: str, before: Kept, reports: Path
) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Compare each report with its previous run, unless the same code has compared the two before."""
    from mic2025lab.site import changes

    compared, entries = [], {}
    for report in site.reports:
        if not report.earlier:
            continue
        inputs = changes.inputs_digest(report, code)
        entry = before.changes.get(report.page, {})
        intact = files.digest(reports / report.page) == before.pages.get(report.page)
        if entry.get("inputs") != inputs or not intact:
            story = changes.tell(report)
            compared.append(story)
            moved = story.difference is None or story.difference.changed
            entry = {"inputs": inputs, "news": story.news, "changed": "yes" if moved else ""}
        entries[report.page] = entry
        report.news, report.changed = entry["news"], bool(entry["changed"])
    # Rendered last: a page links to others, and only now is it known which exist.
    return {story.report.page: site.change(story) for story in compared}, entries
