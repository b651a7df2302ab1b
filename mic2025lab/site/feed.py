"""The runs as an Atom feed (RFC 4287): the same runs give the same bytes, and every address is relative to the feed."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree import ElementTree

from mic2025lab.site import text
from mic2025lab.site.reading import Run

#: The file of the feed.
NAME = "atom.xml"

#: How many runs the feed holds, the newest.
HELD = 100

_ATOM = "http://www.w3.org/2005/Atom"
# Ids are made of names only, so that a run keeps its id when the folder moves.
_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/mic2025lab/mic2025lab")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def feed(runs: Iterable[Run], title: str) -> str:
    """Write the feed of runs.

    Parameters
    ----------
    runs : iterable of Run
        At least one.
    title : str
        The title of the feed.

    Returns
    -------
    str
        XML. An entry's id is made of the analysis and the run's folder, its date is the run's end.
    """
    newest = sorted(runs, key=lambda run: (run.manifest.ended, run.base), reverse=True)[:HELD]
    ElementTree.register_namespace("", _ATOM)
    root = ElementTree.Element(f"{{{_ATOM}}}feed")
    _add(root, "title", title)
    _add(root, "id", uuid.uuid5(_IDS, "runs").urn)
    _add(root, "updated", _stamp(newest[0].manifest.ended))
    _add(root, "link", rel="self", type="application/atom+xml", href=NAME)
    _add(root, "link", rel="alternate", type="text/html", href="index.html")
    _add(_add(root, "author"), "name", "mic2025lab")
    for run in newest:
        entry = _add(root, "entry")
        failed = "" if run.good else " (failed)"
        _add(entry, "title", f"{run.manifest.title}: {text.heading(run.manifest.changed)}{failed}")
        _add(entry, "id", uuid.uuid5(_IDS, run.base).urn)
        _add(entry, "updated", _stamp(run.manifest.ended))
        _add(entry, "link", rel="alternate", type="text/html", href=f"{run.base}/notebook.html")
        _add(entry, "summary", _summary(run))
    ElementTree.indent(root, space=" ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _summary(run: Run) -> str:
    if not run.good:
        return text.clip(run.manifest.error or "It failed.", 600)
    said = [text.plain(sentence) for sentence in run.results.finding]
    return "\n\n".join([*said, *([run.news] if run.news else [])])


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _add(
    parent: ElementTree.Element, tag: str, content: str | None = None, **attributes: str
) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, f"{{{_ATOM}}}{tag}", attributes)
    if content is not None:
        made.text = _NOT_XML.sub("\ufffd", content)
    return made
