"""What commands print: a batch does its work whether or not it can be written, and any terminal shows it."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mic2025lab.cli import main
from mic2025lab.cli.common import json_text
from mic2025lab.runs import summary
from tests.runs.conftest import read, write_notebook

_NOTIFY = "import json, sys; open(sys.argv[1], 'w').write(json.load(sys.stdin)['summary'])"


@pytest.fixture
def batch(tmp_path):
    """A batch of a run that ends well and one that fails, with a notification."""
    cell = "import mic2025lab as lab\nassert factor < 3\nlab.record('x', factor)"
    write_notebook(tmp_path / "mine.ipynb", [cell], tables=())
    (tmp_path / "plan.yml").write_text("runs: [{analysis: mine.ipynb, grid: {factor: [1, 3]}}]")
    notify = f'{sys.executable} -c "{_NOTIFY}" {tmp_path}/news'
    options = ["--reports", str(tmp_path / "r"), "--json", str(tmp_path / "b.json"), "--notify", notify]
    return [sys.executable, "-m", "mic2025lab.cli", "batch", str(tmp_path / "plan.yml"), "--fresh", *options]


#: What a shell does with the output of a command; without it, the output is a pipe whose reader is gone.
WHERE = {"full": ">/dev/full", "both full": ">/dev/full 2>&1", "both closed": ">&- 2>&-", "reader gone": ""}


@pytest.fixture
def call(root):
    """Run a command whose output nobody takes."""

    def run(command, out):
        if not Path("/dev/full").exists():
            pytest.skip("needs /dev/full")
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        gone, write = os.pipe()
        os.close(gone)
        words = ["sh", "-c", f'"$@" {WHERE[out]}', "sh", *command]
        done = subprocess.run(words, stdout=write, stderr=subprocess.PIPE, env=environ, cwd=root, check=False)
        os.close(write)
        return done

    return run


HEAVY = {"marks": pytest.mark.heavy}


@pytest.mark.parametrize(
    "out", ["reader gone", pytest.param("both full", **HEAVY), pytest.param("both closed", **HEAVY)]
)
def test_a_batch_whose_output_cannot_be_written_does_its_work(batch, call, tmp_path, out):
    done = call([*batch, "--junit", "/dev/full"], out)
    assert out != "reader gone" or b"/dev/full cannot be written" in done.stderr
    assert done.returncode == 1  # a run failed
    assert read(tmp_path, "b.json")["counts"] == {"done": 1, "unchanged": 0, "failed": 1, "left": 0}
    assert (tmp_path / "news").read_text() == "2 runs: 1 done, 0 unchanged, 1 failed"
    assert (tmp_path / "r" / "index.html").is_file()


@pytest.mark.parametrize(
    ("asked", "out", "status"),
    [
        ("analyses", "full", 2),
        ("analyses", "reader gone", 0),
        pytest.param("data list", "full", 2, **HEAVY),
        pytest.param("data describe targets", "full", 2, **HEAVY),
        pytest.param("schedule print cron notebooks/plans/default.yml --every week", "full", 2, **HEAVY),
    ],
)
def test_a_command_whose_result_is_its_output_fails_without_it(call, asked, out, status):
    done = call([sys.executable, "-m", "mic2025lab.cli", *asked.split()], out)
    assert done.returncode == status
    assert (b"cannot be written" in done.stderr) == (status != 0)
    assert b"Traceback" not in done.stderr


def test_a_batch_that_could_not_continue_is_news(tmp_path):
    found = summary.news([], tmp_path, "The disk is full.")
    assert found["events"] == ["failed"]
    assert "The disk is full." in found["summary"]


# A terminal whose encoding lacks some characters


COMMANDS = """
analyses; data list; data list --markdown; data describe targets; claims list; claims show 1; claims evaluate --json;
history overcapacity; diff 企业 Société; run misallocation -p path=企业.csv; schedule print cron notebooks/plans/default.yml; --help;
data describe \udcc6\udcf3; nonsense—
"""


@pytest.mark.parametrize(
    "encoding",
    ["cp437", *(pytest.param(name, marks=pytest.mark.heavy) for name in ("cp932", "gbk", "latin-1"))],
)
def test_no_command_dies_of_an_encoding(encoding, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command in map(str.split, COMMANDS.split(";")):
        raw = io.BytesIO()
        with monkeypatch.context() as patched:
            terminal = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
            patched.setattr(sys, "stdout", terminal)
            patched.setattr(sys, "stderr", terminal)
            with pytest.raises(SystemExit) as ended:
                main(command, prog_name="mic2025lab")
            said = raw.getvalue().decode(encoding)
        assert said, command
        assert ended.value.code in (0, 2), (command, said[-300:])


def test_signs_become_their_likes_and_letters_are_written_as_json(monkeypatch):
    with monkeypatch.context() as patched:
        raw = io.BytesIO()
        patched.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp437", errors="mic2025lab.plain"))
        text = {"a": "2010–2020 企 𠀀 \u201cé\u201d"}
        print(text["a"], json_text(text))
        sys.stdout.flush()
        said = raw.getvalue().decode("cp437")
    assert said.startswith("2010-2020 \\u4f01 \\ud840\\udc00 'é'")
    assert json.loads(said[said.index("{") :]) == text


def test_a_process_of_its_own_writes_to_a_pipe_of_another_encoding():
    done = subprocess.run(
        [sys.executable, "-m", "mic2025lab.cli", "history", "企业"],
        env={**os.environ, "PYTHONIOENCODING": "cp437", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, 2), done.stderr
    assert b"Traceback" not in done.stderr
