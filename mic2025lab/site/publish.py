"""Writes the pages, each as a whole. Only files that the site made are ever replaced or removed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mic2025lab.errors import RunError
from mic2025lab.results import files
from mic2025lab.runs import folders

#: The list of pages that the site made, in the folder of reports.
LIST = ".site.json"

#: The names that pages of the site have. Other names in the list are ignored.
_OURS = re.compile(
    r"(index|reports|data|economies|search)\.html|atom\.xml|assets/vega\.js|(sectors|analyses|changes|claims|docs|vintages)/([\w-]+/)?[\w.-]+\.html",
    re.ASCII,
)


@dataclass
class Kept:
    """The list that the last build left.

    Attributes
    ----------
    inputs : str
        The digest of everything that the pages are made from.
    pages : dict
        Page -> sha256 of its bytes.
    changes : dict
        Page of changes -> its inputs, and the line that other pages show.
    """

    inputs: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    changes: dict[str, dict[str, str]] = field(default_factory=dict)

    def intact(self, reports: Path) -> bool:
        """Return True if all pages are as the site made them."""
        return bool(self.pages) and all(
            files.digest(reports / page) == made for page, made in self.pages.items()
        )


def kept(reports: Path) -> Kept:
    """Read the list of the last build. If it cannot be read, the whole site is written again."""
    try:
        entries = json.loads((reports / LIST).read_text(encoding="utf-8"))
        pages = {page: str(made) for page, made in entries["pages"].items() if _OURS.fullmatch(page)}
        changes = {
            page: {name: str(said) for name, said in entry.items()}
            for page, entry in entries["changes"].items()
            if page in pages
        }
        return Kept(str(entries["inputs"]), pages, changes)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Kept()


def publish(reports: Path, pages: Mapping[str, str], now: Kept, before: Kept) -> None:
    """Write pages, and remove those of the last build that no longer exist.

    Parameters
    ----------
    reports : Path
        The folder of reports.
    pages : mapping
        Page -> its text. A page with the same bytes is not touched.
    now : Kept
        The new list. Its `pages` may include unchanged pages that are not in `pages`.
    before : Kept
        The list of the last build.

    Raises
    ------
    RunError
        If a page cannot be written, or its place is a symbolic link.
    """
    page = ""
    try:
        with folders.workspace(reports) as work:
            # If the build is stopped halfway, the list names everything it may have written.
            _move(_dump(Kept("", {**before.pages, **now.pages}, {})), work / "list", reports, LIST)
            for page, text in pages.items():
                if files.digest(reports / page) == now.pages[page]:
                    continue
                _move(text, work / "page", reports, page)
            for page in sorted(before.pages.keys() - now.pages.keys()):
                _remove(reports, page, before.pages[page])
            _move(_dump(now), work / "list", reports, LIST)
    except OSError as error:
        raise RunError(
            f"The page {page or LIST} cannot be written to {reports}: {error.strerror or error}."
        ) from error


def _move(text: str, part: Path, reports: Path, name: str) -> None:
    """Write a text to a private file, and move it to its place in the folder of reports."""
    page = files.inside(reports, name)
    part.write_text(text, encoding="utf-8", newline="\n")
    page.parent.mkdir(parents=True, exist_ok=True)
    part.replace(page)


def _dump(entries: Kept) -> str:
    return files.dump({"format": 1, **asdict(entries)})


def _remove(reports: Path, page: str, made: str) -> None:
    """Remove a page if it is still as the site made it, and folders that become empty."""
    path = files.inside(reports, page)
    if files.digest(path) != made:
        return
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == reports or any(folder.iterdir()):
            break
        folder.rmdir()
