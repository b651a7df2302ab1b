"""The installed command, as a person or a scheduler calls it."""

from mic2025lab import __version__
from mic2025lab.analyses import ANALYSES, get
from tests.runs.conftest import call as here
from tests.runs.conftest import has

# The command in a process of its own, which says at the end which of the heavy modules it has imported.
_CALL = """
import sys
from mic2025lab.cli import main
try:
    main(sys.argv[1:])
finally:
    print("imported:", *sorted({"papermill", "jupyter_client", "pandas", "matplotlib", "pydantic"} & set(sys.modules)))
"""


def test_a_wrong_run_is_exit_2_before_a_kernel_starts(call, tmp_path):
    result = call("-c", _CALL, "run", "market_share_shifts", "-p", "sector=robotics", cwd=tmp_path)
    assert result.returncode == 2
    has(result.stderr, "'robotics'", "Did you mean 'machine_tools_robotics'?", "One of: all, ")
    assert "Traceback" not in result.stderr
    assert not {"papermill", "jupyter_client"} & set(result.stdout.split())
    assert list(tmp_path.iterdir()) == []


def test_help_imports_nothing_heavy(call):
    result = call("-c", _CALL, "--help")
    assert result.returncode == 0
    assert "batch" in result.stdout
    assert result.stdout.splitlines()[-1] == "imported:"


def test_version(call):
    assert __version__ in call("-c", _CALL, "--version").stdout
    code = "import atexit; atexit.register(print, 'at the end'); from mic2025lab.cli import main; main()"
    assert call("-c", code, "--version").stdout.splitlines()[1:] == ["at the end"]


def test_analyses_are_listed_with_their_parameters():
    listed = here("analyses").stdout
    for name in ANALYSES:
        parameters = (f"-p {parameter}" for parameter in get(name).declared)
        has(listed, f"{name}: {get(name).question}", *parameters)


def test_the_tables_are_listed_and_described():
    has(here("data", "list").stdout, "value_added")
    has(here("data", "describe", "value_added").stdout, "million USD")
    for wanted in ("describe", "build"):
        has(here("data", wanted, "valu_added", status=2).stderr, "Did you mean 'value_added'?")
