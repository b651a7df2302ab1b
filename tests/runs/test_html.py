"""The page of a run: one file, nothing loaded, every text escaped; and the pages that notebooks cite."""

import re
import tomllib

import nbformat
import pytest
from bs4 import BeautifulSoup

from mic2025lab.analyses import ANALYSES, notebook_file
from mic2025lab.results.run import Run
from mic2025lab.runs.pages import cited, html
from tests.runs.conftest import HOSTILE, has


class Page(BeautifulSoup):
    """A page, with the attributes of some of its elements."""

    def __init__(self, text):
        super().__init__(text, "html.parser")

    def all(self, *tags):
        return [tag.attrs for tag in self(tags)]


@pytest.fixture(scope="module")
def run(good_run):
    return Run.read(good_run)


@pytest.fixture
def notebook(run):
    """The executed notebook, which a test may change."""
    return nbformat.read(run.folder / "notebook.ipynb", as_version=4)


@pytest.fixture(scope="module")
def text(run):
    return (run.folder / "notebook.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def of(*cells):
    return nbformat.v4.new_notebook(cells=cells)


def test_nothing_is_loaded_from_anywhere(page, text):
    assert page.all("script", "iframe", "object", "embed", "base") == []
    for attrs in page.all("link", "img", "source"):
        for name in ("src", "href", "srcset"):
            assert (attrs.get(name) or "data:").startswith("data:")
    assert "@import" not in text
    assert "url(" not in text


def test_a_parameter_that_looks_like_html_is_shown_as_text(page):
    assert page.text.count(HOSTILE) >= 3  # the title, the parameter, what the notebook printed
    assert "no <more>." in page.text  # a finding too


def test_figures_have_their_alternative_text_and_are_there_once(page):
    images = page.all("img")
    assert [attrs["alt"] for attrs in images] == ["A line that rises & ends <here>."]
    assert images[0]["src"].startswith("data:image/png;base64,")


def test_code_is_folded_and_cells_that_show_nothing_share_a_fold(page):
    folds = page.select("details.code")
    assert 0 < len(folds) < 9
    assert not page.select("details.code[open]")
    assert "import mic2025lab as lab" in page.text


def test_a_reader_finds_the_language_the_way_back_and_the_versions(page, run):
    manifest = run.manifest
    assert page.all("html") == [{"lang": "en"}]
    assert "../../../index.html" in [attrs.get("href") for attrs in page.all("a")]
    assert page.text.count("What did the toy make?") == 1
    assert len(page.all("h1")) == 1
    has(page.text, manifest.run_id, manifest.package.sha256[:12], manifest.tables["toy"].sha256[:12], "CC0")


def test_tables_scroll_in_their_own_box_and_text_is_left(text):
    has(text, '<div class="scroll" role="region"', '<td class="words">CHN</td>', "<td>2000</td>")


def test_a_page_is_the_same_each_time(run, notebook, text):
    before = nbformat.writes(notebook)
    assert html.page(run, notebook) == text
    assert nbformat.writes(notebook) == before


def test_a_script_in_an_output_is_not_written_as_one(run):
    cell = nbformat.v4.new_code_cell("show()", execution_count=1)
    cell.outputs = [
        nbformat.v4.new_output("display_data", {"application/javascript": "alert(1)", "text/plain": "plain"}),
        nbformat.v4.new_output("stream", name="stdout", text="<b>bold</b>"),
        nbformat.v4.new_output("error", ename="E", evalue="<i>", traceback=["\x1b[31m<i>E</i>\x1b[0m"]),
    ]
    failed = run.manifest.model_copy(update={"status": "failed", "error": "<u>"})
    made = Page(html.page(Run(run.folder, failed), of(cell)))
    assert made.all("script", "b", "i", "u") == []
    assert "alert(1)" not in made.text
    has(made.text, "plain", "<b>bold</b>", "<i>E</i>", "This run failed. <u>", run.manifest.question)


@pytest.mark.parametrize(
    "away",
    [
        '<meta http-equiv="refresh" content="0;url=https://example.org/">',
        "<META/http-equiv=refresh content='0; https://example.org/'>",
        '<!--><meta http-equiv=refresh content="0;url=//example.org">-->',
        '<p title="<meta http-equiv=refresh content=0>',
        '<me<meta>ta http-equiv="refresh" content="0">',
        '<textarea></textarea><base href="https://example.org/">',
        '<link rel="preconnect" href="https://example.org/">',
    ],
)
@pytest.mark.parametrize("kind", ["text/html", "text/markdown", "cell"])
def test_no_output_leads_elsewhere(run, away, kind):
    cell = nbformat.v4.new_markdown_cell(f"text\n\n{away}\n\ntext")
    if kind != "cell":
        cell = nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("display_data", {kind: away})])
    plain, text = (html.page(run, of(*cells)) for cells in ([], [cell]))
    for tag in ("<meta", "<base", "<link"):
        assert text.lower().count(tag) == plain.lower().count(tag), tag


def test_an_element_that_an_output_leaves_open_ends_with_it(run, notebook):
    output = nbformat.v4.new_output("display_data", {"text/html": "<section><b>never closed"})
    notebook.cells.append(nbformat.v4.new_code_cell("1", outputs=[output]))
    text = html.page(run, notebook)
    assert "<section><b>never closed</b></section></div>" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [(34.2987, "34.3"), (-0.00123456, "−0.00123"), (12345678, "12,345,678"), (2015, "2015"), (1234.5, "1,234"), (0.0, "0"),
     (-5, "−5"), (None, "n/a"), (True, "yes"), ("2015 to 2022", "2015 to 2022"), (1e-7, "1e−07"), (-98765.4, "−98,765")],
)  # fmt: skip
def test_numbers_are_written_to_be_read(value, text):
    assert html.number(value) == text


def test_a_page_without_code_has_every_output_and_none_of_the_code(run, notebook, page):
    bare = Page(html.page(run, notebook, code=False))
    assert "import mic2025lab as lab" not in bare.text
    assert bare.select("details.code") == []
    assert bare.all("img") == page.all("img")
    assert len(bare.all("table")) == len(page.all("table"))
    assert "no <more>." in bare.text


def test_a_page_that_stands_alone_has_no_way_back_and_no_files_beside_it(run, notebook):
    alone = Page(html.page(run, notebook, back=None, files=False))
    assert [attrs["href"] for attrs in alone.all("a")] == ["#main"]


# Pages that a notebook cites: on the site, in what is shared, in an installed package


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
