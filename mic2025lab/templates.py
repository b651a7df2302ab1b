"""Templates of text, code, and HTML that the package fills in."""

from __future__ import annotations

import json
import textwrap
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: Path, **values: Any) -> str:
    """Fill in a template."""
    return environment(template.parent).get_template(template.name).render(values)


@cache
def environment(folder: Path) -> Environment:
    """Return the templates of a folder, each compiled once. In HTML and XML, values are escaped.

    The filter `quoted` writes a value as JSON and Python have it; `fill` breaks a paragraph into lines.
    """
    import jinja2  # not needed to load a table

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=lambda name: name is not None and name.endswith((".html.j2", ".xml.j2")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["quoted"] = partial(json.dumps, ensure_ascii=False, default=lambda number: number.item())
    made.filters["fill"] = partial(textwrap.fill, width=100, subsequent_indent="  ")
    return made
