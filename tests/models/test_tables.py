"""Tables of a paper: the numbers are those of the results, nothing breaks LaTeX or HTML, and what is missing stays missing."""

import html
import math
import re
import shutil
import subprocess

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.formula import api as sm

from mic2025lab import models
from mic2025lab.errors import ParameterError, UnknownName
from mic2025lab.models import PaperTable, compare
from mic2025lab.models.tables import Content, Tabled, Term

mpl.use("Agg")
YEARS = range(2002, 2023)
NAMES = ["term", "estimate", "std_error", "low", "high", "p_value"]


def walks(n):
    """Random walks, one a unit; u0 gains 3 after 2015: simulated."""
    y = np.cumsum(np.random.default_rng(1).standard_normal((n, 21)), axis=1)
    y[0, 14:] += 3
    table = pd.DataFrame(y, index=[f"u{k}" for k in range(n)], columns=YEARS).rename_axis("unit")
    return table.reset_index().melt("unit", var_name="year", value_name="value").astype({"year": "int64"})


def study(n=30, **options):
    return models.event_study(walks(n), of="unit", treated="u0", **options)


@pytest.fixture(scope="module")
def results():
    line = [1.5 * t - 0.5 * max(t - 13, 0) + math.sin(5 * t) for t in range(21)]
    firms = models.simulated_firms(n_firms=60)
    columns = {"output": "value_added", "free": "labor", "state": "capital", "proxy": "materials"}
    spread = models.hsieh_klenow(firms, draws=20)
    return {
        "trend": models.segmented_trend(line, YEARS, level=True, draws=99),
        "search": models.sup_f(line, YEARS, draws=99),
        "study": study(),
        "cluster": study(inference="cluster"),
        "double": models.synthetic_control(walks(30), of="unit", treated="u0"),
        "bare double": models.synthetic_control(walks(30), of="unit", treated="u0", placebos=False),
        "curve": models.specification_curve(lambda at: study(at=at), {"at": [2015, 2014]}),
        "ols": models.production_function(firms, method="ols", degree=2, **columns),
        "acf": models.production_function(firms, method="acf", degree=2, draws=10, **columns),
        "lp": models.production_function(firms, method="lp", degree=2, draws=0, **columns),
        "spread": spread,
        "bare spread": models.hsieh_klenow(firms),
        "error": models.measurement_error_correction(spread),
    }


def test_every_result_of_the_models_is_tabled():
    kinds = [getattr(models, name) for name in models.__all__]
    estimated = [kind for kind in kinds if "estimate" in getattr(kind, "__dataclass_fields__", {})]
    assert len(estimated) == 8
    assert all(issubclass(kind, Tabled) for kind in estimated), estimated


def test_the_frame_has_the_numbers_of_the_result(results):
    for name, result in results.items():
        frame = result.to_frame()
        assert frame.columns.tolist() == NAMES, name
        assert frame["estimate"].notna().all(), name
        assert (frame.dtypes[1:] == "float64").all(), name
    for name in ("trend", "study", "cluster", "double"):
        own = results[name]
        numbers = [own.estimate, own.std_error, *own.conf_int(0.8), own.p_value]
        assert own.to_frame(0.8).iloc[0, 1:].tolist() == numbers, name
    fit = results["acf"]
    frame = fit.to_frame().set_index("term")
    pd.testing.assert_frame_equal(frame[["low", "high"]], fit.conf_int(), check_names=False)
    assert frame["estimate"].to_dict() == fit.estimate.to_dict()


def test_results_show_themselves(results):
    """The summary has the numbers of the frame; the figure has a title with a number."""
    for name, result in results.items():
        title, *lines = result.summary().splitlines()
        for line, row in zip(lines, result.to_frame().itertuples(), strict=False):
            numbers = [row.estimate, row.std_error, row.low, row.high]
            assert all(math.isnan(one) or f"{one:.4g}" in line for one in numbers), (name, line)
        assert f"<b>{html.escape(title)}</b>" in result._repr_html_()
        if hasattr(result, "plot"):
            assert re.search(r"\d", result.plot().get_title()), name
    assert "Weights: u" in results["double"].summary()
    assert "sd 0." in results["spread"].summary()
    at_another_level = models.specification_curve(lambda at: study(at=at), {"at": [2014, 2015]}, level=0.9)
    assert "90% intervals" in at_another_level.summary()


def test_what_an_estimator_does_not_give_is_missing(results):
    bare = ("bare double", "lp", "bare spread")
    for name in bare:
        assert results[name].to_frame()[["std_error", "low", "high"]].isna().all(axis=None), name
        assert "No " in results[name].to_text(), name
    assert results["search"].to_frame()["std_error"].isna().all()
    assert len(results["lp"].paper().body) == len(results["lp"].estimate)
    with pytest.raises(ParameterError, match=r"level=0\.95"):
        results["curve"].to_frame(0.9)
    for name, result in results.items():
        words = "placebos|draws" if name in bare else "between 0 and 1"
        if hasattr(result, "conf_int"):
            with pytest.raises(ParameterError, match=words):
                result.conf_int(0.9 if name in bare else 95)


def test_an_interval_that_does_not_exist_is_not_printed():
    few = study(8)
    assert np.isinf(few.to_frame()["low"]).all()
    for text in (few.summary(), few.to_text(), compare({"(1)": few}, below="interval").to_text()):
        assert "n/a" in text
        assert "no interval of 95% with so few units" in text
        assert "inf" not in text
    assert "n/a" not in compare({"(1)": few}).to_text()


def test_compare_by_hand():
    class Own(Tabled):
        def __init__(self, *terms, **facts):
            self.terms, self.facts = terms, facts

        def _content(self, level):
            return Content("Own", self.terms, self.facts, f"errors of {self.facts['n_obs']}.")

    one = Own(Term("a", -1.25, 0.5, -2.25, -0.25, 0.012), Term("b", 2015), n_obs=1200)
    two = Own(Term("a", 3.0, 2.0, p_value=0.0001), Term("c", 4.0, 1.0, p_value=0.2), n_obs=5, leads_p=0.5)
    table = compare({"(1)": one, "(2)": two}, stars=(0.10, 0.05, 0.01), number="{:.2f}", labels={"c": "C_c"})
    assert table.to_frame().to_numpy().tolist() == [
        ["a", "-1.25**", "3.00***"],
        ["", "(0.50)", "(2.00)"],
        ["b", "2015", ""],
        ["C_c", "", "4.00"],
        ["", "", "(1.00)"],
        ["Observations", "1,200", "5"],
        ["Leads, joint p", "", "0.500"],
    ]
    assert table.notes == (
        "Standard errors in parentheses.",
        "(1): errors of 1200.",
        "(2): errors of 5.",
        "* p < 0.1, ** p < 0.05, *** p < 0.01.",
    )
    plain = compare({"(1)": one, "(2)": two}, terms=["a"], facts=[], below=("interval", "p_value"))
    assert plain.body[1:] == (("", "[-2.250, -0.250]", ""), ("", "p = 0.012", "p < 0.001"))
    assert plain.notes[:2] == ("95% intervals in brackets.", "p-values below the estimates.")
    assert "*" not in plain.to_text()
    assert compare({"x": one, "y": one}).notes == ("Standard errors in parentheses.", "Errors of 1200.")


def test_convention_of_every_column_is_told(results):
    notes = " ".join(compare({name: results[name] for name in ("study", "cluster", "double")}).notes)
    assert "study: standard error of a difference of mean changes" in notes
    assert "randomization over units, studentized" in notes
    assert "cluster: standard errors clustered by unit (CRV1)" in notes
    assert "double: standard error: root mean square of the placebos' mean gaps" in notes
    plain = study(studentized=False).to_text()
    assert "randomization over units." in plain
    assert "studentized" not in plain


def rows_of(text):
    """Cells of an HTML table, row by row."""
    rows = re.findall(r"<tr.*?</tr>", text, re.DOTALL)
    cells = [re.findall(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows]
    return [[html.unescape(re.sub(r"<.*?>", "", cell)) for cell in row] for row in cells]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"terms": ["efect"]}, UnknownName, "effect"),
        ({"facts": ["n"]}, UnknownName, "n_obs"),
        ({"below": "t"}, UnknownName, "std_error"),
        ({"stars": (0.01, 0.05)}, ParameterError, "decreasing"),
        ({"stars": (5,)}, ParameterError, "between 0 and 1"),
        ({"results": {}}, ParameterError, "nothing to compare"),
        ({"results": {"x": 1.0}}, ParameterError, "'x' is a float"),
    ],
)
def test_compare_refuses(results, options, error, words):
    with pytest.raises(error, match=words):
        compare(**{"results": {"(1)": results["study"]}, **options})


SPECIAL = r"50% of R&D_x, #1 {a} $b$ ~c^2 \d <e> −0.5"


def test_latex_escapes_every_special_character():
    table = PaperTable(
        ("", SPECIAL), ((SPECIAL, "-1.5"), ("[a]", "[-2, -.1]")), (("n", "2"),), ("F-test of 2015-2020.",)
    )
    text = table.to_latex(caption=SPECIAL, label="tab:a_b")
    escaped = (
        r"50\% of R\&D\_x, \#1 \{a\} \$b\$ \textasciitilde{}c\textasciicircum{}2 \textbackslash{}d "
        r"\textless{}e\textgreater{} $-$0.5"
    )
    assert text.count(escaped) == 3
    assert r"\label{tab:a_b}" in text
    assert rf"{escaped} & $-$1.5 \\" in text
    # A bracket after a line break would be its option.
    assert r"{}[a] & {}[$-$2, $-$.1] \\" in text
    assert "F-test of 2015-2020." in text
    assert [text.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [1, 2, 1]
    assert text.count(r"\begin{") == text.count(r"\end{")


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=30))
def test_no_character_of_a_label_reaches_latex_bare(text):
    lines = PaperTable(("", "x"), ((text, "1.7"),)).to_latex().splitlines()
    label = next(line for line in lines if " & 1.7" in line).removesuffix(r" & 1.7 \\").removeprefix("{}")
    bare = re.sub(r"\\text[a-z]+\{\}|\\[&%$#_{}]|\$-\$", "", label)
    assert not set(bare) & set("&%$#_{}~^\\<>")


def test_text_and_html_hold_the_cells_and_nothing_of_them_is_read_as_html(results):
    table = compare(results, below=("std_error", "interval"))
    wanted = [list(table.columns), *table.to_frame().to_numpy().tolist()]
    assert rows_of(table._repr_html_()) == wanted
    assert [line.split("\t") for line in table.to_text().splitlines()[: len(wanted)]] == wanted
    assert table._repr_html_() == table._repr_html_()
    made = rows_of(table.to_html(caption="a < b"))
    assert made[0] == ["a < b"]
    shown = [[cell.replace("−", "-") for cell in row] for row in made]
    assert [row for row in shown if len(row) > 1] == wanted
    assert table.notes[0] in shown[-1][0]
    hostile = PaperTable(("", SPECIAL), ((SPECIAL, SPECIAL),), (), (SPECIAL,))
    for text in (hostile.to_html(caption=SPECIAL), hostile._repr_html_()):
        assert "<e>" not in text


def test_word_holds_the_cells(results, tmp_path):
    docx = pytest.importorskip("docx")
    table = compare({"trend": results["trend"], "R&D <x>": results["study"]})
    path = table.to_word(tmp_path / "t.docx", caption="A caption")
    rows = [[cell.text for cell in row.cells] for row in docx.Document(str(path)).tables[0].rows]
    found = [[cell.replace("−", "-") for cell in row] for row in rows]
    assert [*table.to_frame().iloc[0]] in found
    assert list(table.columns) in found
    assert any(table.notes[0] in cell for cell in found[-1])
    assert table.to_word(tmp_path / "t.docx") == path
    with pytest.raises(ParameterError, match=r"\.docx"):
        table.to_word(tmp_path / "t.html")


def test_results_stand_in_maketables_beside_those_of_others(results):
    maketables = pytest.importorskip("maketables")
    own = results["cluster"]
    frame = pd.DataFrame({"y": [1.0, 2.0, 4.0, 3.0], "x": [0.0, 1.0, 3.0, 2.5]})
    other = sm.ols("y ~ x", frame).fit()
    table = maketables.ETable([own, other], coef_fmt="b:.4f (se:.4f)")
    cell = f"{own.estimate:.4f} ({own.std_error:.4f})"
    assert table.df.iloc[:, 0].tolist().count(cell) == 1
    assert f"{other.params['x']:.4f} ({other.bse['x']:.4f})" in table.df.iloc[:, 1].tolist()
    assert f"{own.n_obs}" in table.df.iloc[:, 0].astype(str).str.replace(",", "").tolist()
    for result in results.values():
        assert maketables.ETable([result]).make("tex").count("tabularx")


@pytest.mark.skipif(
    shutil.which("pdflatex") is None, reason="needs pdflatex with booktabs to compile the tables"
)
def test_latex_compiles(results, tmp_path):
    tables = [
        result.to_latex(caption=f"{name} {SPECIAL}", label=f"tab:{name}") for name, result in results.items()
    ]
    tables.append(compare(results, below=("std_error", "interval", "p_value")).to_latex())
    head = r"\documentclass{article}\usepackage[utf8]{inputenc}\usepackage{booktabs,makecell,tabularx,threeparttable}\begin{document}"
    pages = "\n\\clearpage\n".join(tables)
    (tmp_path / "t.tex").write_text(f"{head}\n{pages}\\end{{document}}\n", encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "t.pdf").is_file()
