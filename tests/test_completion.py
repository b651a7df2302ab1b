"""The face of the package: its import is light, and IPython completes its names, its tables and columns, and the values of a column."""

import ast
import importlib
import json
import subprocess
import sys

import pytest

import mic2025lab as lab
from mic2025lab.completion import complete

SPACE = {"lab": lab, "load": lab.load, "table": lab.load("sectors"), "text": "x"}


def offered(text):
    return complete(text, SPACE)[2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('lab.load("val', {"value_added", "value_added_panel"}),
        ("lab.load( name='value_added_", {"value_added_panel"}),
        ('lab.describe("chip_t', {"chip_trade"}),
        ('lab.scan("', {"baci"}),
        ('lab.load("value_added", in', {"industry="}),
        ('lab.load("value_added", industry="aero', {"aerospace"}),
        ('lab.load(\n    "value_added",\n    economy=["CHN", "US', {"USA"}),
        ('lab.load("value_added", columns=["val', {"value"}),
        ('lab.load("us_imports", year=2024, product="854231', {"854231"}),
        ("lab.metrics.hh", {"hhi"}),
        ("lab.metrics.convert", {"convert_products"}),
        ("print(lab.plots.for", {"forest"}),
        ("lab.load", {"load"}),
    ],
)
def test_what_is_offered(text, expected):
    assert set(offered(text)) == expected


NOTHING = ['open("val', '"lab.lo', "table.lo", "nothing.lo", "text.lo", "x = load('value_added_', "]
NOTHING += [
    f'lab.load("{words}'
    for words in ('value_added", year=20', 'no_table", industry="', 'value_added", nothing="')
]


def test_nothing_is_offered_where_nothing_is_ours():
    assert [text for text in NOTHING if offered(text)] == []


def test_vintages_are_offered():
    assert set(offered('lab.load("world_economy", vintage="')) >= set(lab.describe("world_economy").vintages)


@pytest.mark.parametrize("room", ["metrics", "models", "plots"])
def test_a_room_offers_its_functions_and_no_module(room):
    names = offered(f"lab.{room}.")
    module = getattr(lab, room)
    assert set(names) == set(dir(module)) >= set(module.__all__)
    kinds = complete(f"lab.{room}.", SPACE)[1]
    classes = {name for name in names if isinstance(getattr(module, name), type)}
    assert classes <= {name for name, kind in kinds.items() if kind == "class"}
    assert not {"np", "Mapping", "TYPE_CHECKING", "annotations", "shares", "breaks", "tiles"} & set(names)


def test_a_shell_of_ipython_asks_us_first_and_completes_the_rest_itself():
    code = """
import json, sys
from IPython.core.completer import provisionalcompleter, rectify_completions
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for _ in range(2):
    shell.run_cell("import mic2025lab as lab, mic2025lab.completion as c; c.register(get_ipython())")
def of(text):
    with provisionalcompleter():
        found = list(rectify_completions(text, shell.Completer.completions(text, len(text))))
    return [(one.text, one.type, text[:one.start]) for one in found]
texts = ['lab.', 'lab.metrics.', 'lab.load("value_added", industry="aero', 'lab.load("value_added", ', 'sorted(lab.met', 'sor']
print(json.dumps({text: of(text) for text in texts}))
print(json.dumps(sorted(name for name in sys.modules if name.startswith("mic2025lab."))))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found, loaded = map(json.loads, run.stdout.strip().splitlines()[-2:])
    assert {name for name, *_ in found["lab."]} == set(lab.__all__) - {"__version__"}
    assert {kind for _, kind, _ in found["lab."]} == {"function", "module"}
    assert "mic2025lab.metrics" not in loaded  # JupyterLab does not wait for it
    assert "market_share" in [name for name, *_ in found["lab.metrics."]]
    load = 'lab.load("value_added", '
    assert found[f'{load}industry="aero'] == [["aerospace", "value", f'{load}industry="']]
    assert {"industry=", "vintage="} <= {name for name, *_ in found[load]}
    assert found["sorted(lab.met"] == [["metrics", "module", "sorted(lab."]]
    assert "sorted" in [name for name, *_ in found["sor"]]


def test_editors_know_every_name(root):
    tree = ast.parse((root / "mic2025lab" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If) and "TYPE" in ast.dump(node.test))
    named = [(node.module, alias.asname) for node in block.body for alias in node.names]
    assert {name for _, name in named} == set(lab.__all__) - {"__version__"}
    for module, name in named:
        found = getattr(lab, name)
        assert module == "mic2025lab" or getattr(importlib.import_module(module), name) is found


IMPORTS = {
    "import mic2025lab": "matplotlib seaborn statsmodels papermill pandas pandera pyarrow pydantic polars IPython",
    "import mic2025lab as lab; lab.metrics; lab.load('sectors')": "matplotlib seaborn scipy statsmodels pandera polars mic2025lab.sources._http",
    "import mic2025lab as lab; lab.models; lab.plots": "seaborn scipy statsmodels IPython",
    # A run compiles no grammars. A name that is None in sys.modules is there, too.
    "import mic2025lab.runs.kernels.kernel, papermill, nbconvert.exporters.html": "lark rfc3987_syntax",
}


@pytest.mark.parametrize(("code", "heavy"), IMPORTS.items(), ids=["package", "metrics", "figures", "runs"])
def test_imports_draw_in_nothing_heavy(code, heavy):
    code = f"{code}\nimport sys; print(' '.join(sys.modules))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not set(printed.split()) & set(heavy.split())
    assert "mic2025lab" in printed


@pytest.mark.parametrize("before", ["gc.enable()", "gc.disable()", "gc.freeze()"])
def test_the_garbage_collector_is_as_the_user_set_it(before):
    code = (
        f"import gc, mic2025lab as lab; {before}; was = gc.isenabled(), gc.get_freeze_count() > 0; lab.load"
    )
    code = f"{code}; print(was == (gc.isenabled(), gc.get_freeze_count() > 0))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed == "True\n"


def test_an_unknown_name_says_what_there_is():
    with pytest.raises(AttributeError, match=r"no attribute 'lode'.*load"):
        lab.lode  # noqa: B018
