"""What can go wrong with a batch that is left alone: nothing good is lost, nothing half made is kept, and what happened is said."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import psutil
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from mic2025lab import analyses
from mic2025lab.cli import main
from mic2025lab.cli.running import _print_result
from mic2025lab.errors import LabError
from mic2025lab.runs import batch as batches
from mic2025lab.runs import identity, lock
from mic2025lab.runs.kernels import kernel
from mic2025lab.runs.run import is_good, prepare
from mic2025lab.site.build import build_site
from tests.runs.conftest import write_notebook

pytestmark = pytest.mark.slow

# The command in a process of its own, with a toy analysis.
_COMMAND = """
import sys
from pathlib import Path
from mic2025lab import analyses
from mic2025lab.cli import main
from mic2025lab.runs import identity
identity.code_digest = lambda: "the same"
analyses.ANALYSES["toy"] = Path(sys.argv[1])
main(sys.argv[2:])
"""


NOTE = "with log.open('a') as file:\n    print({!r}, label, os.getpid(), file=file)"


class Lab:
    """A toy notebook that takes `factor` seconds, or until it may `go`, and writes in a log when it begins and ends."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.reports, self.log = folder, folder / "reports", folder / "log"
        self.go = folder / "go"
        self.log.touch()
        self.notebook = folder / "toy.ipynb"
        cells = [
            f"import os, time, pathlib, mic2025lab as lab\nlog = pathlib.Path({str(self.log)!r})\n"
            + NOTE.format("began"),
            f"go, until = pathlib.Path({str(self.go)!r}), time.monotonic() + factor\n"
            "while time.monotonic() < until and not go.exists():\n    time.sleep(0.02)",
            "lab.record('x', 1)\n" + NOTE.format("ended"),
        ]
        write_notebook(self.notebook, cells)
        self.started: list[subprocess.Popen[str]] = []

    def plan(self, text: str) -> Path:
        path = self.folder / "plan.yml"
        path.write_text(text, encoding="utf-8")
        return path

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, str(self.notebook), *arguments, "--reports", str(self.reports)],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder,
        )  # fmt: skip
        self.started.append(process)
        return process

    def call(self, *arguments: str) -> tuple[int, str]:
        """The command in this process."""
        done = CliRunner().invoke(main, [*arguments, "--reports", str(self.reports)])
        return done.exit_code, done.output

    def logged(self, word: str) -> list[str]:
        return [line.split()[1] for line in self.log.read_text().splitlines() if line.startswith(word)]

    def wait_for(self, condition: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
        until = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < until, self.log.read_text()
            assert process is None or process.poll() is None, process.communicate()
            time.sleep(0.02)

    def kernels(self) -> list[int]:
        """The processes of notebooks that have not ended."""
        numbers = {int(line.split()[2]) for line in self.log.read_text().splitlines()}
        return [
            number
            for number in numbers
            if psutil.pid_exists(number) and psutil.Process(number).status() != "zombie"
        ]

    def kept(self) -> dict[str, Path]:
        """The folders of runs by their label; each is whole."""
        found = {}
        for folder in (self.reports / "runs").glob("*/*"):
            assert is_good(folder), folder
            assert {"notebook.html", "notebook.ipynb", "results.json", "run.json"} <= {
                p.name for p in folder.iterdir()
            }
            found[json.loads((folder / "run.json").read_text())["parameters"]["label"]] = folder
        return found

    def half_made(self) -> list[Path]:
        return list(self.reports.glob(".tmp-*"))


@pytest.fixture
def lab(tmp_path, toy, monkeypatch):
    made = Lab(tmp_path)
    monkeypatch.setitem(analyses.ANALYSES, "toy", made.notebook)
    monkeypatch.setattr(identity, "code_digest", lambda: "the same")
    monkeypatch.chdir(tmp_path)
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
        process.communicate()


#: The third takes long enough for the batch to be stopped in it.
FOUR = "runs: [{analysis: toy, params: {factor: 0}, grid: {label: [a, b]}}, {analysis: toy, params: {factor: 60, label: c}},"
FOUR += " {analysis: toy, params: {factor: 0, label: d}}]"


@pytest.mark.parametrize(
    "how", [[], pytest.param(["--fresh"], marks=pytest.mark.heavy)], ids=["forked", "fresh"]
)
def test_a_batch_that_is_killed_goes_on_without_loss_and_without_doing_anything_twice(lab, how):
    plan = str(lab.plan(FOUR))
    process = lab.start("batch", plan, *how)
    lab.wait_for(lambda: len(lab.logged("began")) == 3, process)
    process.kill()
    process.communicate()
    assert str(process.pid) in (lab.reports / lock.BATCH).read_text()
    with lock.hold(lab.reports):  # the lock of a dead process is no lock
        pass
    kept = lab.kept()
    assert set(kept) == {"a", "b"}
    before = {label: (folder / "run.json").read_bytes() for label, folder in kept.items()}
    lab.wait_for(lambda: not lab.kernels())  # a kernel ends itself when its batch is gone

    lab.go.touch()
    status, told = lab.call("batch", "--resume")
    assert status == 0, told
    assert "4 runs: 2 done, 2 unchanged, 0 failed" in told
    assert set(lab.kept()) == {"a", "b", "c", "d"}
    assert lab.half_made() == []
    for label in kept:
        assert lab.logged("ended").count(label) == lab.logged("began").count(label) == 1
        assert (lab.kept()[label] / "run.json").read_bytes() == before[label]
    assert "nothing to resume" in lab.call("batch", "--resume")[1]


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (signal.SIGINT, 130),
        pytest.param(signal.SIGTERM, 143, marks=pytest.mark.heavy),
        pytest.param(signal.SIGHUP, 129, marks=pytest.mark.heavy),
    ],
)
def test_a_signal_stops_a_batch_cleanly(lab, number, status):
    if signal.getsignal(number) == signal.SIG_IGN:
        pytest.skip(f"{number.name} is ignored here, as under nohup, and a batch leaves it so")
    plan = lab.plan(
        "runs: [{analysis: toy, grid: {label: [a, b, c, d], factor: [60]}, include: [{label: z, factor: 0}]}]"
    )
    only = ["--only", "label=a", "--only", "label=b", "--only", "label=c"]
    process = lab.start("batch", str(plan), "--fresh", "--jobs", "2", *only)
    lab.wait_for(lambda: len(lab.logged("began")) == 2, process)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)  # the runs would take a minute
    assert process.returncode == status, out + err
    assert "3 runs: 0 done, 0 unchanged, 0 failed, 3 not started" in out
    assert "stopped" in err
    assert "toy factor=60.0 label=c" in err
    assert "--resume" in err
    assert "Traceback" not in err
    assert lab.kernels() == []
    assert lab.half_made() == []
    assert not (lab.reports / "runs").exists()


def test_a_run_that_is_stopped_leaves_nothing(lab):
    process = lab.start("run", "toy", "-p", "factor=60")
    lab.wait_for(lambda: len(lab.logged("began")) == 1, process)
    process.terminate()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 143
    assert "toy factor=60.0 was not kept" in err
    assert lab.kernels() == []
    assert list(lab.reports.iterdir()) == []


def test_two_batches_at_once_on_one_folder(lab):
    long = "{analysis: toy, params: {factor: 60, label: a}}"
    plan = str(lab.plan(f"runs: [{long}, {{analysis: toy, params: {{factor: 0}}, grid: {{label: [b, c]}}}}]"))
    first = lab.start("batch", plan, "--fresh")
    lab.wait_for(lambda: len(lab.logged("began")) == 1, first)
    status, told = lab.call("batch", plan)
    assert status == 2
    assert f"Another batch is running in {lab.reports}: process {first.pid} on " in told
    assert "since 20" in told
    assert lab.call("run", "toy", "-p", "label=other")[0] == 0  # a single run has no need to wait
    lab.go.touch()
    first.communicate(timeout=120)
    assert first.returncode == 0
    assert sorted(lab.logged("began")) == ["a", "b", "c", "other"]
    page = (lab.reports / "reports.html").read_text()
    assert all(folder.name in page for folder in lab.kept().values())


def test_a_kernel_that_the_system_kills_is_a_failure_that_may_pass(make_toy, fresh, tmp_path):
    mark = tmp_path / "mark"
    make_toy(
        f"import os, pathlib, signal\nmark = pathlib.Path({str(mark)!r})\n"
        "if not mark.exists():\n    mark.touch()\n    os.kill(os.getpid(), signal.SIGKILL)",
        "1 + 1",
    )
    (failed,) = batches.batch([prepare("toy", {})], reports=tmp_path / "r")
    assert failed.status == "failed"
    assert batches.may_pass(failed.error), failed.error
    mark.unlink()
    (result,) = batches.batch([prepare("toy", {})], reports=tmp_path / "r", retries=1)
    assert result.status == "done", result.error
    assert [path.name for path in (tmp_path / "r" / "runs" / "toy").iterdir()] == [result.request.run_id]


def test_a_cell_that_never_ends_is_ended(make_toy, fresh, tmp_path):
    make_toy(
        "import mic2025lab as lab\nlab.record('before', 1)", "import time\nwhile True:\n    time.sleep(0.1)"
    )
    began = time.monotonic()
    (result,) = batches.batch([prepare("toy", {})], reports=tmp_path / "r", timeout=5)
    assert time.monotonic() - began < 90
    assert result.status == "failed"
    assert batches.may_pass(result.error), result.error
    assert "before" in (result.folder / "results.json").read_text()
    commands = [" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)]
    assert not [command for command in commands if "ipykernel" in command]


@pytest.fixture
def small(tmp_path):
    """A file system of 2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "mic2025lab", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_loses_nothing_and_says_so(make_toy, small):
    make_toy("import pathlib\nif factor > 1:\n    pathlib.Path('large').write_bytes(bytes(10_000_000))")
    reports = small / "r"
    (good,) = batches.batch([prepare("toy", {})], reports=reports)
    assert good.status == "done", good.error
    before = {path: path.read_bytes() for path in good.folder.rglob("*") if path.is_file()}
    results = batches.batch([prepare("toy", {"factor": 2.0}), prepare("toy", {})], reports=reports)
    assert [result.status for result in results] == ["failed", "unchanged"]
    assert "No space left on device" in str(results[0].error)
    assert {path: path.read_bytes() for path in good.folder.rglob("*") if path.is_file()} == before
    assert not list(reports.glob(".tmp-*"))
    build_site(reports)


def test_a_disk_without_room_for_the_journal_ends_the_batch(make_toy, small):
    make_toy("1 + 1")
    reports = small / "r"
    requests = [prepare("toy", {"factor": float(factor)}) for factor in range(3)]

    def fill(number: int, total: int, result: Any) -> None:
        with (small / "filling").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    long = {"x": "y" * 3940}  # so that the second line of a run needs a page more, and there is none
    with pytest.raises(batches.Broken, match="cannot be written: No space left"):
        batches.batch(requests, reports=reports, report=fill, asked=long)
    (small / "filling").unlink()
    results = batches.batch(requests, reports=reports)
    assert results[0].status == "unchanged"
    assert {result.status for result in results} <= {"done", "unchanged"}
    assert not list(reports.glob(".tmp-*"))


@pytest.mark.parametrize(
    "command", [["batch", "plan.yml"], ["batch", "--resume"], ["run", "toy"]], ids=" ".join
)
def test_a_folder_that_is_read_only_is_refused_and_left_alone(make_toy, small, monkeypatch, command):
    make_toy("1 + 1")
    monkeypatch.chdir(small.parent)
    Path("plan.yml").write_text("runs: [{analysis: toy}]")
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    monkeypatch.setattr(kernel, "execute", lambda *args, **kwargs: pytest.fail("a kernel was started"))
    result = CliRunner().invoke(main, [*command, "--reports", str(small)])
    assert result.exit_code in (1, 2), result.output
    assert isinstance(result.exception, SystemExit)
    assert ("Choose another folder with --reports" in result.stderr) == ("--resume" not in command), (
        result.output
    )
    assert list(small.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[]", b'{"status": "done"', b'{"status": ["done"]}', b'{"status": "failed"}'],
    ids=repr,
)
def test_a_manifest_that_is_corrupted_is_made_again(fake, tmp_path, content):
    fake()
    reports = tmp_path / "r"
    (good,) = batches.batch([prepare("toy", {})], reports=reports)
    (good.folder / "run.json").write_bytes(content)
    build_site(reports)
    assert good.request.run_id in (reports / "reports.html").read_text()  # among what cannot be read
    (again,) = batches.batch([prepare("toy", {})], reports=reports)
    assert again.status == "done", again.error
    assert is_good(good.folder)


ATTACKS = {
    "quotes": "'" + '"""' + "'''" + "\\",
    "a line feed": "a\nimport os; os.system('touch owned')\n",
    "code": "__import__('os').system('touch owned')",
    "a path": "../../../owned",
    "html": "<img src=x onerror=alert(1)></script><script>alert(1)</script>",
    "a template": "{{ 7 * 7 }}{% for x in y %}",
    "markdown": "[link](javascript:alert(1)) ![](x)",
    "escapes": "\x1b[2J\x1b]0;owned\x07",
    "marks of direction": "\u2028\u202e\ufeff",
    "a megabyte": "x" * 1_000_000,
    "nan": "NaN",
}


@pytest.fixture(scope="module")
def attacked(toy_data, tmp_path_factory):
    """A run for each text, which is recorded wherever a notebook can record a text."""
    folder = tmp_path_factory.mktemp("attacked")
    cells = [
        "import mic2025lab as lab, pandas as pd\nfrom matplotlib import pyplot as plt\ntext = label[:500]",
        "lab.record('label', label, unit=text[:50], note=text)\nlab.record_finding(label)",
        "lab.record_table('texts', pd.DataFrame({text: [text]}), caption=text)",
        "fig, ax = plt.subplots()\nlab.record_figure('fig', fig, alt=text + '.', caption=text)\ntext",
    ]
    write_notebook(folder / "toy.ipynb", cells)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIC2025LAB_DATA", str(toy_data))
        patch.setitem(analyses.ANALYSES, "toy", folder / "toy.ipynb")
        requests = [prepare("toy", {"label": text}) for text in ATTACKS.values()]
        results = batches.batch(requests, reports=folder / "r")
        build_site(folder / "r")
        yield folder / "r", dict(zip(ATTACKS, results, strict=True))


@pytest.mark.parametrize("name", ATTACKS)
def test_a_text_that_attacks_is_a_text(attacked, name):
    reports, results = attacked
    result, text = results[name], ATTACKS[name]
    assert result.status == "done", result.error
    recorded = json.loads((result.folder / "results.json").read_text())
    assert recorded["figures"]["label"]["value"] == text
    assert recorded["parameters"]["label"] == text
    assert result.folder.parent == reports / "runs" / "toy"
    assert not list(reports.parent.rglob("owned*"))


def test_no_page_does_what_a_text_says(attacked):
    reports, _ = attacked
    pages = [*reports.glob("*.html"), *reports.glob("runs/toy/*/*.html")]
    assert len(pages) > len(ATTACKS)
    for path in pages:
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        assert not page.select("[onerror], img[src=x], a[href^=javascript]"), path
        assert not [script for script in page.select("script") if "alert(1)" in script.text], path
        assert "{{ 7 * 7 }}" in page.text or "49" not in page.text.split(), path


#: Parameters that are the user's own words (the name of an industry in a file of theirs); shown as text, as above.
FREE = {("firm_productivity", "industry")}
VALUES = (ATTACKS["code"], ATTACKS["a path"], ATTACKS["escapes"], float("nan"), float("inf"), b"x", {"a": 1})


@pytest.mark.parametrize("analysis", analyses.ANALYSES)
def test_no_parameter_of_an_analysis_takes_such_a_value(analysis):
    for field, value in product(analyses.get(analysis).declared, VALUES):
        if (analysis, field) in FREE and isinstance(value, str):
            assert prepare(analysis, {field: value}, text=True).parameters[field] == value
            continue
        with pytest.raises(LabError):
            pytest.fail(f"{field} took {prepare(analysis, {field: value}, text=isinstance(value, str))!r}")


def test_a_text_that_attacks_a_terminal_is_written_out(attacked, capsys):
    _print_result(attacked[1]["escapes"])
    _print_result(attacked[1]["a line feed"])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert r"label=\x1b[2J" in out
    assert len([line for line in out.splitlines() if line.startswith("toy label=")]) == 2
