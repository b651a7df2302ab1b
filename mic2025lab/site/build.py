"""The index page: the answer of every run, newest first, with what made it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from mic2025lab import __version__
from mic2025lab.analyses import ANALYSES
from mic2025lab.errors import RunError
from mic2025lab.runs import html, manifest, record
from mic2025lab.runs.identity import canonical

#: How many numbers a card shows before they are folded away.
SHOWN = 6


@dataclass
class Card:
    """One run, as the index shows it."""

    run: Mapping[str, Any]
    results: Mapping[str, Any]
    base: str
    failure: Card | None = field(default=None)

    def __getattr__(self, name: str) -> Any:
        # The template reads the manifest's own fields: status, error, started, tables, package, run_id.
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self.run[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def href(self) -> str:
        return f"{self.base}/notebook.html"

    @property
    def heading(self) -> str:
        """The parameters that differ from the defaults."""
        changed = self.run["changed"]
        # What is asked about comes before what it is compared with.
        order = sorted(changed, key=lambda name: name == "comparators")
        texts = [f"{html.words(name)}: {_value(changed[name])}" for name in order]
        return "; ".join(texts) or "Default parameters"

    @property
    def figures(self) -> Mapping[str, Any]:
        return self.results["figures"]

    @property
    def key(self) -> list[str]:
        return self.results["order"]["figures"][:SHOWN]

    @property
    def more(self) -> list[str]:
        return self.results["order"]["figures"][SHOWN:]

    @property
    def finding(self) -> list[Markup]:
        return [emphasis(text) for text in self.results["finding"]]

    @property
    def thumb(self) -> str | None:
        images = self.results["order"]["images"]
        return f"{self.base}/{self.results['images'][images[0]]['png']}" if images else None

    @property
    def thumb_alt(self) -> str:
        images = self.results["order"]["images"]
        return self.results["images"][images[0]]["alt"] if images else ""


def build_site(reports: str | Path) -> Path:
    """Write `index.html` for a folder of reports.

    Parameters
    ----------
    reports : path
        The folder that holds `runs/`.

    Returns
    -------
    Path
        The index page, absolute.

    Raises
    ------
    RunError
        If the page cannot be written.
    """
    reports = Path(reports).absolute()
    cards, unreadable = _read(reports)
    groups = [_group(name, [card for card in cards if card.analysis == name]) for name in _names(cards)]
    front = [card for group in groups for card in group["front"]]
    text = (
        html.environment()
        .get_template("index.html.j2")
        .render(
            groups=groups,
            unreadable=unreadable,
            version=__version__,
            counts={
                "good": sum(card.status == "done" for card in front),
                "failed": sum(card.status != "done" or card.failure is not None for card in front),
            },
        )
    )
    page = reports / "index.html"
    try:
        record.write(page, text)
    except OSError as error:
        raise RunError(f"The index page cannot be written to {page}: {error.strerror or error}.") from error
    return page


def emphasis(text: str) -> Markup:
    """Escape a sentence and keep its Markdown emphasis.

    Examples
    --------
    >>> emphasis("**34 %** of <all>")
    Markup('<strong>34 %</strong> of &lt;all&gt;')
    """
    strong = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", str(escape(text)))
    return Markup(re.sub(r"(?<!\w)\*([^*\s][^*]*)\*(?!\w)", r"<em>\1</em>", strong))


def _read(reports: Path) -> tuple[list[Card], list[tuple[str, str]]]:
    """Read every run; what cannot be read is listed, not left out in silence."""
    cards, unreadable = [], []
    for folder in sorted((reports / "runs").glob("*/*/")):
        base = folder.relative_to(reports).as_posix()
        try:
            run = json.loads((folder / manifest.NAME).read_text(encoding="utf-8"))
            results = json.loads((folder / record.RESULTS).read_text(encoding="utf-8"))
            missing = {"analysis", "title", "question", "status", "started", "changed", "parameters"} - set(
                run
            )
            if missing or not {"finding", "figures", "images", "order"} <= set(results):
                raise ValueError(f"{manifest.NAME} or {record.RESULTS} is not complete")
            cards.append(Card(run, results, base))
        except (OSError, ValueError, TypeError) as error:
            unreadable.append((base, str(error).replace(str(reports), ".")))
    return cards, unreadable


def _names(cards: Iterable[Card]) -> list[str]:
    present = {card.analysis for card in cards}
    return [name for name in ANALYSES if name in present] + sorted(present - set(ANALYSES))


def _group(name: str, cards: list[Card]) -> dict[str, Any]:
    """Put the newest good run of each set of parameters in front, and the others behind."""
    front, earlier = [], []
    by_parameters: dict[str, list[Card]] = {}
    for card in sorted(cards, key=lambda card: card.started, reverse=True):
        by_parameters.setdefault(canonical(card.parameters), []).append(card)
    for same in by_parameters.values():
        good = next((card for card in same if card.status == "done"), None)
        chosen = good or same[0]
        if good and same[0] is not good:
            good.failure = same[0]
        front.append(chosen)
        earlier += [card for card in same if card is not chosen and card is not chosen.failure]
    newest = max(cards, key=lambda card: card.started)
    front.sort(key=lambda card: (bool(card.changed), canonical(card.changed)))
    return {
        "name": name,
        "title": newest.title,
        "question": newest.question,
        "front": front,
        "earlier": earlier,
    }


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
