"""A job of jupyter_scheduler, made as the guide says."""

import re
from pathlib import Path

import nbformat
import pytest

from mic2025lab.analyses import ANALYSES

pytest.importorskip("jupyter_scheduler", reason="needs jupyter_scheduler")

pytestmark = pytest.mark.slow


@pytest.fixture
def submit(root, tmp_path, monkeypatch):
    """The function of docs/scheduling.md, with Jupyter's own folders in a place of the test."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    examples = re.findall(r"```python\n(.*?)```", (root / "docs" / "scheduling.md").read_text(), flags=re.S)
    (code,) = [text for text in examples if "jupyter_scheduler" in text]
    names = {}
    exec(code, names)
    return names["submit"]


@pytest.mark.parametrize(
    ("parameters", "status", "words"),
    [
        pytest.param({}, "COMPLETED", "capacity", marks=pytest.mark.heavy),
        ({"threshold": "70.0", "reference": "'peak'"}, "COMPLETED", "capacity"),
        pytest.param(
            {"threshold": "'high'"}, "FAILED", "threshold = 'high' must be a number", marks=pytest.mark.heavy
        ),
    ],
    ids=["defaults", "parameters", "a wrong one"],
)
def test_a_job(submit, until, tmp_path, parameters, status, words):
    scheduler, number = submit(tmp_path / "jobs.sqlite", ANALYSES["overcapacity"], parameters)
    # One that has not begun is "STOPPED".
    until(lambda: scheduler.get_job(number).status in ("COMPLETED", "FAILED"), 240)
    job = scheduler.get_job(number)
    assert str(job.status) == status, job.status_message
    if status == "FAILED":
        assert words in job.status_message
        return
    paths = scheduler.get_staging_paths(job)
    cells = nbformat.read(paths["ipynb"], as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code" and cell.source.strip()]
    assert all(cell.execution_count for cell in code)
    assert words in Path(paths["html"]).read_text(encoding="utf-8")
    for name, value in parameters.items():
        assert f"{name} = {value}" in code[1].source
