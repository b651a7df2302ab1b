"""Texts that are filled in: recipes of schedules, the instructions of a shared run, JUnit. Pages have their own, see `pages.html`."""

from __future__ import annotations

import json
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import jinja2


def render(template: str, **values: Any) -> str:
    """Fill in a template of this folder. In XML, values are escaped; the filter `quoted` writes a text as JSON and YAML have it."""
    return _environment().get_template(template).render(values)


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=lambda name: name is not None and name.endswith(".xml.j2"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["quoted"] = partial(json.dumps, ensure_ascii=False)
    return made
