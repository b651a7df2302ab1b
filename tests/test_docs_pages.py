"""The pages of docs/: the gallery is complete, internal links resolve, the examples of docstrings run, the build has no warning."""

import doctest
import importlib
import inspect
import os
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

import mic2025lab as lab

PACKAGE = Path(lab.__file__).parent
WITH_EXAMPLES = sorted(path for path in PACKAGE.rglob("*.py") if ">>>" in path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def docs(root):
    return root / "docs"


@pytest.fixture(scope="module")
def pages(docs):
    found = sorted(docs.rglob("*.md"))
    return {
        path.relative_to(docs).as_posix(): path.read_text(encoding="utf-8")
        for path in found
        if "_build" not in path.parts and "decisions" not in path.parts
    }


def _public(module):
    named = {name: getattr(module, name) for name in dir(module) if not name.startswith("_")}
    return {name: value for name, value in named.items() if not isinstance(value, types.ModuleType)}


@pytest.mark.parametrize("module", [lab.metrics, lab.models])
def test_the_gallery_shows_every_metric_and_model(pages, module):
    """Each function has a section, and is called; each class of results is named where it is returned."""
    gallery = "\n".join(text for name, text in pages.items() if name.startswith("gallery/"))
    heads = set(re.findall(r"^## (\w+)$", gallery, flags=re.M))
    short = module.__name__.split(".")[-1]
    called = {name for name in heads if f"lab.{short}.{name}(" in gallery}
    public = _public(module)
    functions = {name for name, value in public.items() if inspect.isroutine(value)}
    assert functions
    assert functions <= called, sorted(functions - called)
    for name in public.keys() - functions:
        assert f"~{module.__name__}.{name}`" in gallery, name


def test_every_figure_of_the_gallery_has_its_sentence(pages):
    """A cell that ends in a figure is followed by a cell whose text is written from the numbers; only tables stand alone."""
    for page, text in pages.items():
        cells = re.findall(r"```\{code-cell\}[^\n]*\n(.*?)\n```", text, flags=re.S)
        for cell, after in zip(cells, [*cells, ""][1:], strict=True):
            if page.startswith("gallery/") and re.search(
                r"^(?:lab\.plots\.|chart\(|ax = .*\.plot\(\)$)", cell, flags=re.M
            ):
                assert ":tags: [remove-input]" in after, (page, cell)
                assert re.search(r"^say\(\s*f['\"].*\{", after, flags=re.M), (page, after)


def test_internal_links_resolve(docs, pages):
    """Files and their headings; Sphinx checks them too when it builds. External links need the network and are not checked."""
    for page, text in pages.items():
        prose = re.sub(r"```.*?```", "", text, flags=re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            if re.match(r"https?:|mailto:|#", target):
                continue
            path, _, anchor = target.partition("#")
            found = (docs / page).parent / path
            assert found.exists(), (page, target)
            if anchor:
                heads = re.findall(r"^#+ (.*)$", found.read_text(encoding="utf-8"), flags=re.M)
                slugs = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
                assert anchor in slugs, (page, target)


def test_every_page_is_reached(docs, pages):
    """Each page stands in the contents of another."""
    listed = {"index.md"}
    for page, text in pages.items():
        for block in re.findall(r"```\{toctree\}(.*?)```", text, flags=re.S):
            for line in block.strip().splitlines():
                if line and not line.startswith(":"):
                    path = ((docs / page).parent / (line.split("<")[-1].rstrip(">") + ".md")).resolve()
                    listed.add(path.relative_to(docs.resolve()).as_posix())
    assert set(pages) <= listed, set(pages) - listed


def test_no_page_holds_an_output_or_a_path_of_a_machine(pages):
    """Outputs are made by the build; pages are text."""
    for page, text in pages.items():
        assert not re.search(r"/home/|/root/|/tmp/|C:\\\\", text), page
        if "{code-cell}" in text:
            assert text.startswith("---\nfile_format: mystnb"), page


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_examples_of_docstrings_run(path):
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    module = importlib.import_module(name)
    done = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert done.attempted
    assert not done.failed


@pytest.mark.heavy
def test_the_documentation_builds_without_a_warning(root, docs, tmp_path):
    """Every example is executed, nothing is fetched, and no cell that shows something is without an output."""
    pytest.importorskip("myst_nb")
    nowhere = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    environment = os.environ | {"PYTHONPATH": str(root), **nowhere}
    options = ["-q", "-W", "--keep-going", "-d", tmp_path / "trees"]
    command = [sys.executable, "-m", "sphinx", *options, docs, tmp_path / "html"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1500, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    for page in (tmp_path / "html" / "gallery").glob("*.html"):
        html = page.read_text(encoding="utf-8")
        assert "cell_input" not in html or "cell_output" in html, page
        assert not re.search(r'(?:src|href)="https?://[^"]*\.(?:js|css|woff2?)"', html), page
        assert "&lt;Figure size" not in html, page
        assert not re.search(r'<img(?![^>]*\balt="[^"]+")', html), page
