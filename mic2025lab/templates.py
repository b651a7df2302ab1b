"""Templates of text, code, and HTML that the package fills in."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any


def render(template: Path, **values: Any) -> str:
    """Fill in a template. In HTML and XML, values are escaped; the filter `quoted` writes a value as JSON and Python have it."""
    import jinja2  # not needed to load a table

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template.parent),
        autoescape=template.name.endswith((".html.j2", ".xml.j2")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["quoted"] = partial(json.dumps, ensure_ascii=False, default=lambda number: number.item())
    return made.get_template(template.name).render(values)
