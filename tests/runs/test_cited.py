"""A page that a notebook cites is there for whoever reads the report: on the site, in what is shared, in an installed package."""

import re
import tomllib

import pytest

from mic2025lab.analyses import ANALYSES, notebook_file
from mic2025lab.runs.pages import cited


def citations():
    return {
        (name, target)
        for name, path in ANALYSES.items()
        for text in notebook_file.read(path).texts("markdown")
        for target in re.findall(r"docs/[\w/]+\.\w+(?:#[\w-]+)?|[\w/]*[A-Z]{4,}\.md", text)
    }


def test_notebooks_cite_only_pages_that_travel():
    pages = {f"docs/{name}.md" for name in cited.NAMES}
    found = citations()
    assert {target.partition("#")[0] for _, target in found} == pages
    for name, path in ANALYSES.items():
        for text in notebook_file.read(path).texts("markdown"):
            assert text.count("docs/") == text.count("](../docs/"), f"{name} names a page without a link"
    for _, target in found:
        page, _, anchor = target.partition("#")
        html = cited.pages()[page.replace(".md", ".html")]
        assert not anchor or f'id="{anchor}"' in html


def test_every_page_is_in_the_wheel(root):
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    packed = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for name in cited.NAMES:
        assert packed[f"docs/{name}.md"] == f"mic2025lab/_docs/{name}.md"


@pytest.mark.parametrize("name", cited.NAMES)
def test_a_page_is_whole_and_loads_nothing(name):
    page = cited.pages()[f"docs/{name}.html"]
    source = cited.source(name).read_text(encoding="utf-8")
    assert page.count("<h2") == len(re.findall(r"^## ", source, flags=re.M))
    assert page.count("<tr>") > 5
    assert not re.search(r"<script|src=|<link(?! rel=\"icon\")|¶|&#182;", page)
