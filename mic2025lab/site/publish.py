"""Pages in their places, whole or not at all; only files that this site made are ever replaced or removed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from mic2025lab.errors import RunError
from mic2025lab.results import record
from mic2025lab.runs import folders

#: The list of what the site made, in the folder of reports.
LIST = ".site.json"

#: What the site's own files are called; nothing else in the list is believed.
_OURS = re.compile(r"index\.html|atom\.xml|(sectors|analyses|changes)/([\w-]+/)?[\w.-]+\.html", re.ASCII)


@dataclass
class Kept:
    """What the last build left.

    Attributes
    ----------
    made_of : str
        The digest of everything that the pages were made of.
    pages : dict
        Page -> sha256 of its bytes.
    changes : dict
        Page of changes -> what it was made of, and what the other pages say of it.
    """

    made_of: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    changes: dict[str, dict[str, str]] = field(default_factory=dict)

    def intact(self, reports: Path) -> bool:
        """Say whether every page is there as it was made."""
        return bool(self.pages) and all(digest(reports / page) == made for page, made in self.pages.items())


def digest(path: Path) -> str | None:
    """Hash a file; None if there is none."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def kept(reports: Path) -> Kept:
    """Read what the last build left; a list that cannot be read counts as none, and the site is made anew."""
    try:
        entries = json.loads((reports / LIST).read_text(encoding="utf-8"))
        pages = {page: str(made) for page, made in entries["pages"].items() if _OURS.fullmatch(page)}
        changes = {
            page: {name: str(said) for name, said in entry.items()}
            for page, entry in entries["changes"].items()
            if page in pages
        }
        return Kept(str(entries["made_of"]), pages, changes)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Kept()


def publish(reports: Path, pages: Mapping[str, str], now: Kept, before: Kept) -> None:
    """Put pages in their places, and remove those of the last build that are not made any more.

    Parameters
    ----------
    reports : Path
        The folder of reports.
    pages : mapping
        Page -> its text. A page that is there with the same bytes is left as it is.
    now : Kept
        The list to leave; its `pages` may name more than is written, if they are there already.
    before : Kept
        The list of the last build.

    Raises
    ------
    RunError
        If a page cannot be written.
    """
    page = ""
    try:
        with folders.workspace(reports) as work:
            # A build that is stopped halfway leaves a list that names what it may have written.
            _move(_dump(Kept("", {**before.pages, **now.pages}, {})), work / "list", reports / LIST)
            for page, text in pages.items():
                if digest(reports / page) == now.pages[page]:
                    continue
                _move(text, work / "page", reports / page)
            for page in sorted(before.pages.keys() - now.pages.keys()):
                _remove(reports, page, before.pages[page])
            _move(_dump(now), work / "list", reports / LIST)
    except OSError as error:
        raise RunError(
            f"The page {page or LIST} cannot be written to {reports}: {error.strerror or error}."
        ) from error


def _move(text: str, part: Path, page: Path) -> None:
    """Write a text aside, where no other process writes, and move it to its place."""
    part.write_text(text, encoding="utf-8", newline="\n")
    page.parent.mkdir(parents=True, exist_ok=True)
    part.replace(page)


def _dump(entries: Kept) -> str:
    return record.dump({"format": 1, **asdict(entries)})


def _remove(reports: Path, page: str, made: str) -> None:
    """Remove a page if it is still what the site made, and the folder that it leaves empty."""
    path = reports / page
    if digest(path) != made:
        return
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == reports or any(folder.iterdir()):
            break
        folder.rmdir()
