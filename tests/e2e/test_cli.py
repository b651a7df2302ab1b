"""The installed command, as a person or a scheduler calls it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mic2025lab import __version__
from mic2025lab.analyses import ANALYSES, get

# The command in a process of its own, which says at the end which of the heavy modules it has imported.
_CALL = """
import sys
from mic2025lab.cli import main
try:
    main(sys.argv[1:])
finally:
    print("imported:", *sorted({"papermill", "jupyter_client", "pandas", "matplotlib", "pydantic"} & set(sys.modules)))
"""


def command(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _CALL, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["market_share_shifts", "-p", "sector=robotics"], ["'robotics'", "Did you mean 'machine_tools_robotics'?", "One of: all, "]),
        (["market_share_shifts", "-p", "start=2030"], ["start = 2030", "covers 2002 to 2022", "choose a start at or before 2012"]),
        (["market_share_shifts", "-p", "bsae=2015"], ["'bsae'", "Did you mean 'base_year'?", "One of: economy, "]),
        (["market_shares"], ["'market_shares'", "Did you mean 'market_share_shifts'?"]),
    ],
)  # fmt: skip
def test_a_wrong_run_is_exit_2_before_a_kernel_starts(
    tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    result = command("run", *arguments, cwd=tmp_path)
    assert result.returncode == 2
    for word in words:
        assert word in result.stderr
    assert "Traceback" not in result.stderr
    assert "papermill" not in result.stdout
    assert "jupyter_client" not in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_help_imports_nothing_heavy() -> None:
    result = command("--help")
    assert result.returncode == 0
    assert "batch" in result.stdout
    assert result.stdout.splitlines()[-1] == "imported:"


def test_version() -> None:
    assert __version__ in command("--version").stdout


def test_analyses_are_listed_with_their_parameters() -> None:
    result = command("analyses")
    assert result.returncode == 0
    for name in ANALYSES:
        assert f"{name}: {get(name).question}" in result.stdout
        for parameter in get(name).declared:
            assert f"-p {parameter}" in result.stdout


def test_the_tables_are_listed_and_described() -> None:
    assert "value_added" in command("data", "list").stdout
    shown = command("data", "describe", "value_added")
    assert shown.returncode == 0
    assert "million USD" in shown.stdout
    wrong = command("data", "describe", "valu_added")
    assert wrong.returncode == 2
    assert "Did you mean 'value_added'?" in wrong.stderr
    wrong = command("data", "build", "valu_added")
    assert wrong.returncode == 2
    assert "Did you mean 'value_added'?" in wrong.stderr


def test_the_site_can_be_built_alone(tmp_path: Path) -> None:
    result = command("site", "build", "--reports", str(tmp_path / "r"))
    assert result.returncode == 0
    assert f"Index: {tmp_path / 'r' / 'index.html'}" in result.stdout
