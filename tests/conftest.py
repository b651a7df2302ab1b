"""What several test files share."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

# Before NumPy is imported. The workers of pytest-xdist have a core each, and threads of BLAS mostly wait for each other on small matrices.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
import yaml
from filelock import FileLock
from hypothesis import settings

from mic2025lab.results import files, record
from mic2025lab.runs import notebook_files  # noqa: F401 - nbformat, which compiles grammars for a second if it is imported otherwise

# The same examples every time, and no deadline: a busy machine is not a failure. `make heavy` tries more of them.
settings.register_profile("project", deadline=None, derandomize=True, max_examples=30)
settings.register_profile("heavy", deadline=None, derandomize=True, max_examples=150)
settings.load_profile("project")

ROOT = Path(__file__).resolve().parents[1]


#: Files that run notebooks. Workers of pytest-xdist take them first, so that none is left with a long one at the end.
FIRST = (
    "tests/notebooks/test_values.py",
    "tests/runs/",
    "tests/e2e/",
    "tests/notebooks/",
    "tests/claims/",
    "tests/catalog/",
    "tests/sources/",
)


def pytest_collection_modifyitems(items):
    def place(item):
        path = item.path.relative_to(ROOT).as_posix()
        return next((number for number, start in enumerate(FIRST) if path.startswith(start)), len(FIRST))

    items.sort(key=place)


@pytest.fixture(scope="session")
def root():
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """A cache of the tests' own: what they run is not entered among what the user trusts."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIC2025LAB_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def plain_environment(own_cache):
    """The tester's environment without what their shell points the package at."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIC2025LAB_")}
    return kept | {"MIC2025LAB_CACHE": str(own_cache)}


@pytest.fixture
def published(monkeypatch):
    """A function: whether a file was on the disk before it got its name, and its name was on the disk afterward."""
    done = []
    fsync, rename = os.fsync, Path.replace

    def key(found):
        return found.st_dev, found.st_ino

    def sync(descriptor):
        fsync(descriptor)
        done.append(key(os.fstat(descriptor)))

    def named(self, target):
        done.append((target, key(self.stat()) in done))
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", named)
    return lambda path: (path, True) in done and key(path.parent.stat()) in done[done.index((path, True)) :]


@pytest.fixture(scope="session")
def mirror():
    """The folder of raw files, from MIC2025LAB_MIRROR; tests that need it skip where it is absent."""
    folder = os.environ.get("MIC2025LAB_MIRROR")
    if not folder or not (Path(folder) / "sources.json").is_file():
        pytest.skip("needs the raw files: set MIC2025LAB_MIRROR to the folder that holds sources.json")
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def shared_reports(tmp_path_factory):
    """A folder of reports that all workers share: a run that one of them has made is not made again."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "shared_reports"


@pytest.fixture(scope="session")
def every_report(root, shared_reports, plain_environment):
    """The shared folder with all runs of the default plan, but one profile of a sector in place of ten. Read only."""
    made, plan = shared_reports.with_suffix(".made"), shared_reports.with_suffix(".yml")
    with FileLock(f"{shared_reports}.lock"):
        if not made.exists():
            planned = yaml.safe_load((root / "notebooks/plans/default.yml").read_text(encoding="utf-8"))
            for each in planned["runs"]:
                if each["analysis"] == "sector_profile":
                    del each["grid"]
            plan.write_text(yaml.safe_dump(planned), encoding="utf-8")
            command = [sys.executable, "-m", "mic2025lab.cli", "batch", str(plan), "--jobs", "2"]
            done = subprocess.run(
                [*command, "--reports", str(shared_reports)],
                cwd=root,
                env=plain_environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=1200,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            made.touch()
    return shared_reports


@pytest.fixture(scope="session")
def recorded(shared_reports):
    """Results of a notebook of the package, which runs once a session for each set of parameters.

    ``recorded("overcapacity", reference="peak")["figures"]["utilization_gap"]["value"]``
    """
    from mic2025lab.runs.run import run

    def results(analysis, **parameters):
        with FileLock(f"{shared_reports}.{analysis}.lock"):
            made = run(analysis, parameters, reports=shared_reports)
        assert made.status in ("done", "unchanged"), made.error
        return json.loads((made.folder / "results.json").read_text(encoding="utf-8"))

    return results


@pytest.fixture(scope="session")
def small_ledger(root):
    """A ledger of two claims, for tests of code that must not depend on the package's own."""
    return root / "tests" / "claims" / "small_ledger.yml"


@pytest.fixture(scope="session")
def write_run():
    """Write the folder of a run that nobody made: `write_run(reports, run_id, analysis=, figures=, tables=, …)`."""
    return _write_run


def _write_run(
    reports,
    run_id="0" * 12,
    *,
    analysis="toy",
    status="done",
    figures=None,
    tables=None,
    images=None,
    finding=None,
    sources=None,
    **given,
):
    """Figures are entries of `results.json`, tables their text, sources what the manifest says of tables; the rest goes to the manifest."""
    source = {"title": "T", "sha256": "a" * 64, "vintages": [], "versions": ["Nobody (1)"], "loaded": True}
    manifest = {
        "analysis": analysis, "title": "A toy", "question": "What?", "run_id": run_id, "status": status,
        "parameters": {"economy": "CHN"}, "changed": {},
        "tables": {"toy": source} if sources is None else {name: source | entry for name, entry in sources.items()},
        "notebook": {"file": "toy.ipynb", "sha256": "b" * 64}, "package": {"version": "0.1.0", "sha256": "c" * 64},
        "python": "3.11.2", "libraries": {"numpy": "2.0"}, "started": "2026-01-01T00:00:00.000+00:00",
        "ended": "2026-01-01T00:00:01.000+00:00",
    }  # fmt: skip
    folder = reports / "runs" / analysis / (run_id if status == "done" else f"{run_id}.failed")
    recorded = record.empty(analysis, given.get("parameters"))
    recorded["finding"] = finding or []
    recorded["figures"] = {name: {"value": None, **entry} for name, entry in (figures or {}).items()}
    recorded["images"] = images or {}
    for name, text in (tables or {}).items():
        file, (head, *rows) = f"tables/{name}.csv", text.splitlines()
        files.write(folder / file, text)
        digest, columns = sha256(text.encode()).hexdigest(), head.split(",")
        recorded["tables"][name] = {"file": file, "rows": len(rows), "columns": columns, "sha256": digest}
    recorded["order"] = {kind: list(recorded[kind]) for kind in ("figures", "tables", "images")}
    files.write(folder / files.RESULTS, files.dump(recorded))
    files.write(folder / files.MANIFEST, files.dump(manifest | given))
    return folder
