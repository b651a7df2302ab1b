"""`import mic2025lab` is light: what it draws in is looked at, not how long it takes."""

import subprocess
import sys

import pytest

import mic2025lab as lab

_HEAVY = "matplotlib seaborn statsmodels papermill pandas pandera pyarrow pydantic polars IPython"
HEAVY = set(_HEAVY.split())


def modules_after(code):
    printed = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(' '.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return set(printed.split())


def test_import_draws_in_nothing_heavy():
    assert not modules_after("import mic2025lab") & HEAVY


def test_metrics_draw_in_no_figures_models_or_runs():
    loaded = modules_after("import mic2025lab as lab; lab.metrics.market_share; lab.load('sectors')")
    assert not loaded & {"matplotlib", "seaborn", "statsmodels", "papermill", "pandera", "polars"}


def test_every_public_name_is_there():
    for name in lab.__all__:
        assert getattr(lab, name) is not None


def test_an_unknown_name_says_what_there_is():
    with pytest.raises(AttributeError, match=r"no attribute 'lode'.*load"):
        lab.lode  # noqa: B018


def test_a_run_compiles_no_grammars_and_leaves_them_to_others():
    loaded = modules_after("import mic2025lab.runs.kernels.kernel, papermill, nbconvert.exporters.html")
    assert "nbformat" in loaded
    assert not loaded & {"lark", "rfc3987_syntax"}  # a name that is None in sys.modules is there, too
