"""The pages of the documentation that notebooks cite, `[…](../docs/designs.md)`, as HTML that lies beside the reports and in what is shared."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from mic2025lab import catalog
from mic2025lab.runs.pages import html

#: The pages: `docs/NAME.md` in a checkout and in a project, `docs/NAME.html` beside reports.
NAMES = ("claims", "designs")


def source(name: str) -> Path:
    """Return the Markdown file of a page, of the installed package or of the checkout."""
    packed = catalog.PACKAGE / "_docs"
    return (packed if packed.is_dir() else catalog.PACKAGE.parent / "docs") / f"{name}.md"


@lru_cache(maxsize=1)
def pages() -> dict[str, str]:
    """Return address -> HTML of all pages. They need no network."""
    import mistune  # nbconvert's own parser; nbconvert itself takes a second to import

    class Page(mistune.HTMLRenderer):
        """Headings are places in the page."""

        def heading(self, text: str, level: int, **attrs: object) -> str:
            place = re.sub(r"<.*?>", "", text).replace(" ", "-")
            return f'<h{level} id="{place}">{text}</h{level}>\n'

    written = mistune.create_markdown(renderer=Page(), plugins=["table"])
    made = {}
    for name in NAMES:
        text = source(name).read_text(encoding="utf-8")
        body = written(text)
        title = text.partition("\n")[0].removeprefix("# ")
        template = html.environment().get_template("cited.html.j2")
        made[f"docs/{name}.html"] = template.render(title=title, body=Markup(body))
    return made
