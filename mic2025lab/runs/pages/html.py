"""An executed notebook as one HTML file that needs nothing else: no network, no script, code folded."""

from __future__ import annotations

import copy
import json
import re
import threading
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from mic2025lab import templates
from mic2025lab.results.run import Run, SourceTable

_HERE = Path(__file__).parent

#: The beginning of an element that would lead the reader elsewhere without a click (a refresh, a base) or open a connection (a link).
_LEADS_AWAY = re.compile(r"<(/?)(?=(?:meta|base|link)\b)", re.IGNORECASE)
#: A link of a notebook to a page of the documentation (see `cited`).
_CITED = re.compile(r'<a href="\.\./docs/(\w+)\.md(#[\w-]*)?">(.*?)</a>', re.DOTALL)
_NUMBER = re.compile(r"|[-+\u2212]?[\d,]*\.?\d+(e[-+]?\d+)?\s?%?|nan|<na>|n/a|\u2013|\.\.\.", re.IGNORECASE)

_WEB = re.compile(r"https?://[^\s\"'<>]+")

#: The first available format of an output is shown. None of these needs a script.
_FORMATS = ("text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/plain")

#: An exporter has state of the current notebook, so one thread at a time uses it.
_rendering = threading.Lock()


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Return the templates of the pages of runs. Every value is escaped."""
    made = templates.environment(_HERE)
    made.keep_trailing_newline = False
    made.filters.update(number=number, words=words, links=links)
    style = Markup((_HERE / "style.css").read_text(encoding="utf-8"))
    made.globals.update(charts=charts("../../../assets/vega.js"), style=style)
    return made


@dataclass(frozen=True)
class Script:
    """A script that stands in a page, and its hash for the page's Content-Security-Policy.

    What it loads may run ('strict-dynamic'), and no other script, whatever an output of a notebook holds.
    """

    text: Markup
    policy: Markup


@lru_cache(maxsize=4)
def charts(library: str) -> Script:
    """Return the script that draws the charts of a page. `library` is the address of vega.js from there."""
    text = (_HERE / "charts.js").read_text(encoding="utf-8").replace("{{ library }}", library)
    digest = b64encode(sha256(text.encode("utf-8")).digest()).decode()
    return Script(Markup(text), Markup(f"'sha256-{digest}' 'strict-dynamic'"))


def _chart(data: Any) -> str:
    """Return the specification of an output as JSON that can stand in a page; empty if there is none."""
    spec = next((one for kind, one in data.items() if kind.startswith("application/vnd.vegalite.")), None)
    usable = isinstance(spec, dict) and {"usermeta", "data", "description"} <= spec.keys()
    return json.dumps(spec, ensure_ascii=False).replace("<", "\\u003c") if usable else ""


def links(table: SourceTable) -> list[tuple[str, str]]:
    """List what a table is made from: a description, and the producer's address, empty if there is none.

    Only addresses of the web are links, whatever a manifest says.
    """
    if not table.origins:
        return [(version[:600], "") for version in table.versions]
    found = {f"{one.producer}, {one.title} ({one.version})"[:600]: one.url or "" for one in table.origins}
    return [(said, url if _WEB.fullmatch(url) else "") for said, url in found.items()]


def page(
    run: Run,
    notebook: Any,
    *,
    code: bool = True,
    back: str | None = "../../../index.html",
    files: bool = True,
) -> str:
    """Render an executed notebook.

    Parameters
    ----------
    run : Run
        Its manifest heads the page. Its folder has the images that Markdown cells refer to, and its tables are listed.
    notebook : nbformat.NotebookNode
        The executed notebook, with its outputs.
    code : bool
        With the code of the cells, folded away; without it the page is text, figures and tables.
    back : str or None
        The address of the list of all reports, beside which the library of the charts lies. None for a page on its own, with images only.
    files : bool
        Whether the page may link to the files of the run in its folder.

    Returns
    -------
    str
        One page, with its images inside.
    """
    shown = joined(notebook)
    resources = {"metadata": {"path": str(run.folder)}, "charted": back is not None}
    with _rendering:
        body, _ = _exporter(code).from_notebook_node(shown, resources=resources)
    texts = [cell.source.lstrip() for cell in notebook.cells if cell.cell_type == "markdown"]
    documents = back.replace("index.html", "docs/") if back else "docs/" if files else None
    template = environment().get_template("run.html.j2")
    return template.render(
        run=run.manifest,
        # Wherever it stands, in a comment or an attribute too, since browsers and parsers disagree on where those end.
        body=Markup(_linked(_LEADS_AWAY.sub(r"<\1x-", body), documents)),
        titled=any(text.startswith("# ") for text in texts),
        tables=sorted(path.name for path in run.folder.glob("tables/*.csv")),
        code_style=_code_style(),
        charted='<div class="chart">' in body,
        back=back,
        files=files,
    )


def get_ready() -> None:
    """Render a small notebook and list the libraries, so that the page and the manifest of a run find everything imported and compiled."""
    from mic2025lab.runs import manifest
    from mic2025lab.runs.notebook_files import nbformat

    manifest.installed()
    cells = [nbformat.v4.new_markdown_cell("*Markdown*"), nbformat.v4.new_code_cell("code = 1")]
    with _rendering:
        _exporter(True).from_notebook_node(nbformat.v4.new_notebook(cells=cells))
        _aligned('<table class="dataframe"><tbody><tr><td>1 &amp; 2</td></tr></tbody></table>')
        environment().get_template("run.html.j2")
        _code_style()


def _linked(body: str, folder: str | None) -> str:
    """Point the citations in a report to the pages in a folder; without one, only their words stay.

    Examples
    --------
    >>> cell = '<p>See <a href="../docs/designs.md#break-of-a-trend">the designs</a>.</p>'
    >>> _linked(cell, "docs/")
    '<p>See <a href="docs/designs.html#break-of-a-trend">the designs</a>.</p>'
    >>> _linked(cell, None)
    '<p>See the designs.</p>'
    """
    return _CITED.sub(r"\3" if folder is None else rf'<a href="{folder}\1.html\2">\3</a>', body)


def joined(notebook: Any) -> Any:
    """Join code cells without output with the next code cell, so that a reader meets one fold instead of five.

    The text columns of pandas' tables are also aligned to the left, and papermill's own notes of a failure, which the page itself reports,
    are left out. The notebook is not changed.
    """
    cells: list[Any] = []
    for original in notebook.cells:
        cell = copy.copy(original)
        if "papermill-error-cell-tag" in cell.metadata.get("tags", ()):
            continue
        if cell.cell_type == "code" and cells and cells[-1].cell_type == "code" and not cells[-1].outputs:
            cell.source = f"{cells.pop().source}\n\n{cell.source}"
        cells.append(cell)
        if "outputs" in cell:
            cell.outputs = [_with_aligned_table(output) for output in cell.outputs]
    view = copy.copy(notebook)
    view.cells = cells
    return view


def _with_aligned_table(output: Any) -> Any:
    if "text/html" not in output.get("data", {}):
        return output
    output = copy.copy(output)
    output.data = {**output.data, "text/html": _aligned(output.data["text/html"])}
    return output


def _aligned(text: str) -> str:
    """Mark the cells of text columns in pandas' tables, and close open elements."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(text, "html.parser")
    for table in soup.find_all("table", class_="dataframe"):
        rows, heads = (
            [row.find_all(kinds) for part in table.find_all(name) for row in part.find_all("tr")]
            for name, kinds in (("tbody", ["th", "td"]), ("thead", ["th"]))
        )
        for column in range(max(map(len, rows), default=0)):
            cells = [row[column] for row in rows if len(row) > column]
            values = [cell.get_text().strip() for cell in cells if cell.name == "td"]
            if values and all(_NUMBER.fullmatch(value) for value in values):
                continue
            above = [head[column] for head in heads if len(head) == max(map(len, rows))]
            for cell in cells + above:
                cell["class"] = "words"
    return str(soup)


@lru_cache(maxsize=2)  # each exporter compiles its templates
def _exporter(code: bool) -> Any:
    from nbconvert.exporters import HTMLExporter, TemplateExporter
    from traitlets.config import Config

    class Exporter(HTMLExporter):
        """Neither changes the cells nor parses the finished page again: the templates write what is needed."""

        def from_notebook_node(self, nb: Any, resources: Any = None, **options: Any) -> Any:
            return TemplateExporter.from_notebook_node(self, nb, resources, **options)

        def _preprocess(self, nb: Any, resources: Any) -> Any:
            return nb, resources

    config = Config()
    config.NbConvertBase.display_data_priority = list(_FORMATS)
    exporter = Exporter(
        config=config,
        template_name="lab_report",
        extra_template_basedirs=[str(_HERE / "nbconvert")],
        embed_images=True,
        exclude_anchor_links=True,
        exclude_input=not code,
        preprocessors=[],
    )
    exporter.register_filter("chart", _chart)
    exporter.register_filter("highlight_code", lambda source, metadata: _highlighted(source))
    return exporter


@lru_cache(maxsize=512)  # runs of one analysis share most of their cells
def _highlighted(source: str) -> str:
    from nbconvert.filters import Highlight2HTML

    return Highlight2HTML()(source)


@lru_cache(maxsize=1)
def _code_style() -> Markup:
    """Return the colors of code, for light and dark mode."""
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="xcode").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    return Markup(f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}")


def number(value: Any, digits: int = 3) -> str:
    """Write a number with its significant digits and thousands separators. Years and texts are not changed.

    Examples
    --------
    >>> number(0.0123456), number(34.2987), number(1234567.8), number(2015), number(None)
    ('0.0123', '34.3', '1,234,568', '2015', 'n/a')
    """
    if value is None or isinstance(value, bool):
        return {None: "n/a", True: "yes", False: "no"}[value]
    if isinstance(value, int):
        text = f"{value:,}" if abs(value) >= 10_000 else str(value)
    elif isinstance(value, float):
        text = f"{value:,.0f}" if abs(value) >= 10 ** (digits - 1) else f"{value:.{digits}g}"
    else:
        return str(value)
    return text.replace("-", "\u2212")


_ABBREVIATIONS = {"bgs", "eci", "gdp", "hhi", "icor", "ppp", "pwt", "rca", "tfp", "us", "usgs"}


def words(name: str) -> str:
    """Write a name as words, with abbreviations in capitals and two years as a range.

    Examples
    --------
    >>> words("china_share_2022"), words("icor_2016_2020")
    ('China share 2022', 'ICOR 2016–2020')
    """
    parts = [part.upper() if part in _ABBREVIATIONS else part for part in re.split(r"[_\s-]+", name.strip())]
    text = re.sub(r"\b(\d{4}) (\d{4})\b", "\\1–\\2", " ".join(parts))
    return text[:1].upper() + text[1:]
