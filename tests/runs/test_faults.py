"""What can go wrong with a batch that is left alone: nothing good is lost, nothing half made is kept, and what happened is said."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
import time
from itertools import product

import psutil
import pytest
from bs4 import BeautifulSoup

from mic2025lab import analyses
from mic2025lab.cli.running import _print_result
from mic2025lab.errors import LabError
from mic2025lab.runs import batch as batches
from mic2025lab.runs import identity, lock
from mic2025lab.runs.journal import Asked
from mic2025lab.runs.kernels import kernel
from mic2025lab.runs.request import prepare
from mic2025lab.runs.run import RunResult, is_good
from mic2025lab.site.build import build_site
from tests.runs.conftest import call, contents, has, read, recorded, write_notebook

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


#: Takes `factor` seconds, or until it may `go`, and writes in a log when it begins and ends.
_CELLS = """
import os, time, pathlib, mic2025lab as lab
def note(word):
    with open({log!r}, 'a') as file:
        print(word, label, os.getpid(), file=file)
note('began')
go, until = pathlib.Path({go!r}), time.monotonic() + factor
while time.monotonic() < until and not go.exists():
    time.sleep(0.02)
lab.record('x', 1)
note('ended')
"""


class Lab:
    """A toy notebook in a folder of its own, and the commands that run it in processes of their own."""

    def __init__(self, folder):
        self.folder, self.reports = folder, folder / "reports"
        self.log, self.go = folder / "log", folder / "go"
        self.log.touch()
        cell = _CELLS.format(log=str(self.log), go=str(self.go))
        self.notebook = write_notebook(folder / "toy.ipynb", [cell])
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *arguments):
        words = [str(self.notebook), *map(str, arguments), "--reports", str(self.reports)]
        process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, *words],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder,
        )  # fmt: skip
        self.started.append(process)
        return process

    def lines(self):
        return [line.split() for line in self.log.read_text().splitlines()]

    def logged(self, word):
        return [label for noted, label, _ in self.lines() if noted == word]

    def wait_for(self, condition, process=None):
        until = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < until, self.lines()
            assert process is None or process.poll() is None, process.communicate()
            time.sleep(0.02)

    def began(self, number, process):
        """Wait until so many runs have begun."""
        self.wait_for(lambda: len(self.logged("began")) == number, process)

    def kernels(self):
        """The processes of notebooks that have not ended."""
        numbers = {int(number) for _, _, number in self.lines()}
        return [one for one in numbers if psutil.pid_exists(one) and psutil.Process(one).status() != "zombie"]

    def kept(self):
        """The folders of runs by their label; each is whole."""
        found = list((self.reports / "runs").glob("*/*"))
        assert all(map(is_good, found))
        return {read(folder)["parameters"]["label"]: folder for folder in found}

    def half_made(self):
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


HEAVY = {"marks": pytest.mark.heavy}


@pytest.mark.parametrize("how", [[], pytest.param(["--fresh"], **HEAVY)], ids=["forked", "fresh"])
def test_a_batch_that_is_killed_goes_on_without_loss_and_without_doing_anything_twice(lab, plan, how):
    # The third takes long enough for the batch to be stopped in it.
    named = plan(
        "runs: [{analysis: toy, params: {factor: 0}, include: [{label: a}, {label: b}, {factor: 60, label: c}, {label: d}]}]"
    )
    process = lab.start("batch", named, *how)
    lab.began(3, process)
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    assert str(process.pid) in (lab.reports / lock.BATCH).read_text()
    with lock.hold(lab.reports):  # the lock of a dead process is no lock
        pass
    kept = lab.kept()
    assert set(kept) == {"a", "b"}
    before = {label: (folder / "run.json").read_bytes() for label, folder in kept.items()}
    assert psutil.wait_procs(family, timeout=60)[1] == []  # they end by themselves when their batch is gone

    lab.go.touch()
    has(call("batch", "--resume", reports=lab.reports).output, "4 runs: 2 done, 2 unchanged, 0 failed")
    assert set(lab.kept()) == {"a", "b", "c", "d"}
    assert lab.half_made() == []
    for label in kept:
        assert lab.logged("ended").count(label) == lab.logged("began").count(label) == 1
        assert (lab.kept()[label] / "run.json").read_bytes() == before[label]
    has(call("batch", "--resume", reports=lab.reports).output, "nothing to resume")


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (signal.SIGINT, 130),
        pytest.param(signal.SIGTERM, 143, **HEAVY),
        pytest.param(signal.SIGHUP, 129, **HEAVY),
    ],
)
def test_a_signal_stops_a_batch_cleanly(lab, plan, number, status):
    if signal.getsignal(number) == signal.SIG_IGN:
        pytest.skip(f"{number.name} is ignored here, as under nohup, and a batch leaves it so")
    named = plan(
        "runs: [{analysis: toy, params: {factor: 60}, grid: {label: [a, b, c]}, include: [{label: z}], tags: [t]}]"
    )
    only = ["--only", "label=a", "--only", "label=b", "--only", "label=c"]
    process = lab.start("batch", named, "--fresh", "--jobs", "2", *only)
    lab.began(2, process)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)  # the runs would take a minute
    assert process.returncode == status, out + err
    has(out, "3 runs: 0 done, 0 unchanged, 0 failed, 3 not started")
    has(err, "stopped", "toy factor=60.0 label=c", "--resume")
    assert "Traceback" not in err
    assert lab.kernels() == lab.half_made() == []
    assert not (lab.reports / "runs").exists()


def test_a_run_that_is_stopped_leaves_nothing(lab):
    process = lab.start("run", "toy", "-p", "factor=60")
    lab.began(1, process)
    process.terminate()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 143
    assert "toy factor=60.0 was not kept" in err
    assert lab.kernels() == []
    assert list(lab.reports.iterdir()) == []


def test_two_batches_at_once_on_one_folder(lab, plan):
    long = "{analysis: toy, params: {factor: 60, label: a}}"
    named = plan(f"runs: [{long}, {{analysis: toy, params: {{factor: 0}}, grid: {{label: [b, c]}}}}]")
    first = lab.start("batch", named, "--fresh")
    lab.began(1, first)
    told = call("batch", named, reports=lab.reports, status=2).output
    has(told, f"Another batch is running in {lab.reports}: process {first.pid} on ", "since 20")
    call("run", "toy", "-p", "label=other", reports=lab.reports)  # a single run has no need to wait
    lab.go.touch()
    first.communicate(timeout=120)
    assert first.returncode == 0
    assert sorted(lab.logged("began")) == ["a", "b", "c", "other"]
    has((lab.reports / "reports.html").read_text(), *(folder.name for folder in lab.kept().values()))


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
    before = contents(good.folder)
    results = batches.batch([prepare("toy", {"factor": 2.0}), prepare("toy", {})], reports=reports)
    assert [result.status for result in results] == ["failed", "unchanged"]
    assert "No space left on device" in str(results[0].error)
    assert contents(good.folder) == before
    assert not list(reports.glob(".tmp-*"))
    build_site(reports)


def test_a_disk_without_room_for_the_journal_ends_the_batch(make_toy, small):
    make_toy("1 + 1")
    reports = small / "r"
    requests = [prepare("toy", {"factor": float(factor)}) for factor in range(3)]

    def fill(number, total, result):
        with (small / "filling").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    long = Asked(plan="y" * 3796)  # so that the second line of a run needs a page more, and there is none
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
def test_a_folder_that_is_read_only_is_refused_and_left_alone(make_toy, small, plan, monkeypatch, command):
    make_toy("1 + 1")
    monkeypatch.chdir(plan("runs: [{analysis: toy}]").parent)
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    monkeypatch.setattr(kernel, "execute", lambda *args, **kwargs: pytest.fail("a kernel was started"))
    told = call(*command, reports=small, status=1 if command[0] == "run" else 2)
    assert ("Choose another folder with --reports" in told.stderr) == ("--resume" not in command)
    assert list(small.iterdir()) == []


HTML = "<img src=x onerror=alert(1)></script><script>alert(1)</script>"
CODE = "__import__('os').system('touch owned')"
LINES = "a\nimport os; os.system('touch owned')\n"
ESCAPES = "\x1b[2J\x1b]0;owned\x07"
QUOTES = "'" + '"""' + "'''" + "\\"
MARKS = "{{ 7 * 7 }}{% for x in y %}[link](javascript:alert(1)) ![](x)\u2028\u202e\ufeff"

ATTACKS = {
    "all of them": HTML + QUOTES + LINES + CODE + ESCAPES + MARKS,
    "a path": "../../../owned",
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
    assert recorded(result.folder)["label"] == read(result.folder)["parameters"]["label"] == text
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
VALUES = (CODE + ESCAPES, ATTACKS["a path"], float("nan"), float("inf"), b"x", {"a": 1})


@pytest.mark.parametrize("analysis", analyses.ANALYSES)
def test_no_parameter_of_an_analysis_takes_such_a_value(analysis):
    for field, value in product(analyses.get(analysis).declared, VALUES):
        if (analysis, field) in FREE and isinstance(value, str):
            assert prepare(analysis, {field: value}, text=True).parameters[field] == value
            continue
        with pytest.raises(LabError):
            pytest.fail(f"{field} took {prepare(analysis, {field: value}, text=isinstance(value, str))!r}")


def test_a_text_that_attacks_a_terminal_is_written_out(toy, capsys):
    for text in (ESCAPES, LINES):
        _print_result(RunResult("done", prepare("toy", {"label": text}), None, 0.0))
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert r"label=\x1b[2J" in out
    assert len([line for line in out.splitlines() if line.startswith("toy label=")]) == 2
