"""What changed since the previous run with the same parameters, as a page and as one line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from mic2025lab.errors import RunError
from mic2025lab.results import files
from mic2025lab.runs.changes import compare, describe
from mic2025lab.runs.changes.compare import Difference, FigureChange, moved
from mic2025lab.site import text
from mic2025lab.site.reports import Report

#: How many sentences of a run are shown.
SENTENCES = 20


@dataclass(frozen=True)
class Story:
    """What changed from one run to the next: the difference (None if they cannot be compared), and the change in one line."""

    report: Report
    difference: Difference | None
    news: str

    @property
    def shown(self) -> dict[str, Any]:
        """What the page shows: the numbers, tables, and images that changed, and the inputs that differ.

        Of the sentences, the removed and the new ones: similar ones stand side by side, with the words that differ marked.
        """
        made = self.difference
        if made is None:
            return {}
        removed = [text.plain(change.before) for change in made.findings if change.before is not None]
        added = [text.plain(change.after) for change in made.findings if change.after is not None]
        return {
            "figures": [_figure(change) for change in moved(made.figures)],
            "tables": [(change.name, describe.table(change)) for change in moved(made.tables)],
            "sentences": [_marked(*pair) for pair in _paired(removed[:SENTENCES], added[:SENTENCES])],
            "drawings": [one.name for one in moved(made.drawings) if one.name.endswith(".png")],
            "inputs": describe.inputs(made),
        }


def inputs_digest(report: Report, code: str) -> str:
    """Return one digest for everything that a page of changes is made from: the two runs, and the code that writes it."""
    runs = (report.run, report.earlier[0])
    return files.combined([*(files.run_digest(run.folder) for run in runs), code])


def tell(report: Report) -> Story:
    """Compare a run with the previous one."""
    try:
        difference = compare.compare(report.earlier[0], report.run)
    except RunError as error:
        reason = text.clip(str(error).replace(f"{report.run.folder.parents[2]}/", ""), 400)
        return Story(report, None, f"the two runs cannot be compared: {reason}")
    return Story(report, difference, _news(difference))


def _news(difference: Difference) -> str:
    because = ", ".join(difference.differ)
    made = f" ({because} {'differs' if len(difference.differ) == 1 else 'differ'})" if because else ""
    told = ", ".join(describe.counts(difference, "number")) or "same numbers, tables, and sentences"
    return f"{told}{', by rounding only' if difference.rounding else ''}{made}"


def _figure(change: FigureChange) -> tuple[str, str, str, str, str]:
    """Return the name and unit of a figure, how it was and is, and what of it changed."""
    before, after, size = describe.figure(change)
    also = {"low": "the interval", "high": "the interval", "unit": "the unit", "note": "the note"}
    beside = ", ".join(dict.fromkeys(also[name] for name in change.also))
    changed = "; ".join(filter(None, [size, f"also {beside}" if beside else ""]))
    return change.name, change.unit or "", before, after, changed


def _paired(removed: list[str], added: list[str]) -> Iterator[tuple[str, str]]:
    """Pair each removed sentence with the most similar new one, if there is one."""
    left = list(added)
    for old in removed:
        near = difflib.get_close_matches(old, left, n=1)
        left = [new for new in left if new not in near]
        yield old, near[0] if near else ""
    yield from (("", new) for new in left)


def _marked(old: str, new: str) -> tuple[Markup, Markup]:
    """Escape two sentences, and mark the words that differ."""
    if not old or not new:
        return escape(old), escape(new)
    before, after = old.split(), new.split()
    steps = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return (
        _marks((before[start:end], what) for what, start, end, _, _ in steps),
        _marks((after[start:end], what) for what, _, _, start, end in steps),
    )


def _marks(steps: Iterable[tuple[list[str], str]]) -> Markup:
    pieces = [(escape(" ".join(words)), what) for words, what in steps if words]
    return Markup(" ").join(
        piece if what == "equal" else Markup("<mark>{}</mark>").format(piece) for piece, what in pieces
    )
