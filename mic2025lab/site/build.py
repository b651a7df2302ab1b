"""One call writes the site of a folder of reports: what is the same stays, what is new is written, what is stale goes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from mic2025lab.site import found, publish
from mic2025lab.site.publish import Kept

if TYPE_CHECKING:
    from mic2025lab.site.pages import Site


def build_site(reports: str | Path) -> Path:
    """Write the site of a folder of reports.

    Pages: `index.html`; `sectors/<slug>.html` for each of the ten; `analyses/<name>.html` for each that has a run;
    `changes/<analysis>/<run>.html` for each run in front that has a good one of the same parameters before it, and their list;
    `atom.xml`. The runs' own pages stay as the runs made them. All links are relative. If neither runs nor code have
    changed and every page is as it was made, nothing is written.

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
    code = found.code()
    made_of = sha256(f"{code} {found.runs(reports)}".encode()).hexdigest()
    if made_of != before.made_of or not before.intact(reports):
        _build(reports, made_of, code, before)
    return reports / "index.html"


def _build(reports: Path, made_of: str, code: str, before: Kept) -> None:
    # Here, so that a build that finds nothing to do starts in an instant.
    from mic2025lab.site import feed, reading, shelf, verdicts
    from mic2025lab.site.pages import Site

    runs, unreadable = reading.read_runs(reports)
    site = Site(shelf.group(runs), unreadable, verdicts.of(reports))
    written, changes = _changes(site, code, before, reports)
    written |= site.pages()
    if runs:
        written[feed.NAME] = feed.feed(runs, "Made in China 2025: runs")
    digests = {page: sha256(text.encode("utf-8")).hexdigest() for page, text in written.items()}
    still = {page: before.pages[page] for page in changes if page not in written}
    publish.publish(reports, written, Kept(made_of, {**still, **digests}, changes), before)


def _changes(
    site: Site, code: str, before: Kept, reports: Path
) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Compare each run in front with the one behind it; two runs that were compared by the same code are not again."""
    from mic2025lab.site import changes

    compared, entries = [], {}
    for run in site.front:
        if not run.behind:
            continue
        made_of = changes.made_of(run, code)
        entry = before.changes.get(run.changes, {})
        whole = publish.digest(reports / run.changes) == before.pages.get(run.changes)
        if entry.get("made_of") != made_of or not whole:
            story = changes.tell(run)
            compared.append(story)
            moved = story.difference is None or story.difference.changed
            entry = {"made_of": made_of, "news": story.news, "changed": "yes" if moved else ""}
        entries[run.changes] = entry
        run.news, run.changed = entry["news"], bool(entry["changed"])
    # Only now is it known which pages there are to link to.
    return {story.run.changes: site.change(story) for story in compared}, entries
