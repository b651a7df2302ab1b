"""The runs as an Atom feed (RFC 4287). The same runs give the same bytes, and all addresses are relative."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree import ElementTree

from mic2025lab.results.run import Run
from mic2025lab.site import text
from mic2025lab.site.reports import Group

#: The file of the feed.
NAME = "atom.xml"

#: How many runs the feed holds.
LENGTH = 100

_ATOM = "http://www.w3.org/2005/Atom"
# Ids are made of names only, so that a run keeps its id when the folder moves.
_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/mic2025lab/mic2025lab")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def feed(groups: Iterable[Group], title: str) -> str:
    """Write the feed of runs as XML.

    Parameters
    ----------
    groups : iterable of Group
        With at least one run.
    title : str
        The title of the feed.

    Returns
    -------
    str
        The id of an entry is made of its analysis and the run's folder. Its date is the end of the run.
    """
    groups = list(groups)
    news = {report.run.place: report.news for group in groups for report in group.reports}
    runs = [run for group in groups for run in group.runs]
    newest = sorted(runs, key=lambda run: (run.manifest.ended, run.place), reverse=True)[:LENGTH]
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
        title = text.clip(run.manifest.title, 400)
        _add(entry, "title", f"{title}: {text.heading(run.changed)}{failed}")
        _add(entry, "id", uuid.uuid5(_IDS, run.place).urn)
        _add(entry, "updated", _stamp(run.manifest.ended))
        _add(entry, "link", rel="alternate", type="text/html", href=f"{run.place}/notebook.html")
        _add(entry, "summary", _summary(run, news.get(run.place, "")))
    ElementTree.indent(root, space=" ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _summary(run: Run, news: str) -> str:
    if not run.good:
        return text.clip(run.manifest.error or "The run failed.", 600)
    return "\n\n".join(filter(None, [*map(text.plain, run.results.finding), news]))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _add(
    parent: ElementTree.Element, tag: str, content: str | None = None, **attributes: str
) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, f"{{{_ATOM}}}{tag}", attributes)
    if content is not None:
        made.text = _NOT_XML.sub("\ufffd", content)
    return made
