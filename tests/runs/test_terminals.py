"""Every command's output on a terminal whose encoding lacks some of its characters."""

import io
import json
import os
import subprocess
import sys

import pytest

from mic2025lab.cli import main
from mic2025lab.cli.common import json_text

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
