"""The recipes for schedulers can be used as they are printed: they parse where they go, and every path arrives as it is."""

import ast
import re
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path, PureWindowsPath

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mic2025lab import analyses
from mic2025lab.cli import main
from mic2025lab.errors import ParameterError
from mic2025lab.runs import schedules
from mic2025lab.runs.plan import read_plan
from tests.runs.conftest import call, has

AWKWARD = 'a b\'s "q" 100% $HOME `x` \\n; & é'
PATHS = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0=", categories=["L", "N", "P", "S", "Zs"]),
    min_size=1,
    max_size=20,
).filter(lambda text: text.isprintable() and text == text.strip() and text not in (".", ".."))


def schedule(folder, **options):
    places = folder / "plan.yml", folder / "reports", folder, folder / "bin" / "mic2025lab"
    return schedules.Schedule(*places, **options)


@pytest.fixture
def told(tmp_path):
    """Do what cron is told with a program of this text, in a folder with an awkward name; gives the schedule, and the log."""

    def run(script, **options):
        made = schedule(tmp_path / AWKWARD, **options)
        made.program.parent.mkdir(parents=True)
        made.program.write_text(f"#!/bin/sh\n{script}")
        made.program.chmod(0o755)
        subprocess.run(["/bin/sh", "-c", cron_command(schedules.cron(made))], check=True, cwd="/")
        return made, (made.reports / "batch.log").read_text().splitlines()

    return run


def cron_command(text):
    """Give what cron hands to the shell."""
    (line,) = [line for line in text.splitlines() if not line.startswith("#")]
    command = re.fullmatch(r"(?:\S+ ){5}(.*)", line)
    assert command
    assert not re.search(r"(?<!\\)%", command[1])  # it would end the command
    return command[1].replace(r"\%", "%")


@given(name=PATHS)
def test_cron_runs_the_command_with_the_paths_as_they_are(name):
    made = schedule(Path("/srv") / name, jobs=2)
    folder, reports = str(made.folder), str(made.reports)
    assert shlex.split(cron_command(schedules.cron(made))) == [
        "cd", folder, "&&", "mkdir", "-p", reports, "&&", str(made.program), "batch", str(made.plan), "--reports", reports,
        "--jobs", "2", ">>", f"{reports}/batch.log", "2>&1",
    ]  # fmt: skip


def test_a_shell_does_what_cron_is_told(told):
    made, log = told('pwd\nprintf "%s\\n" "$@"\necho warned >&2\n')
    words = [str(made.plan), "--reports", str(made.reports), "--jobs", "1"]
    assert log == [str(made.folder), "batch", *words, "warned"]


def test_tables_are_refreshed_first_and_the_batch_is_run_in_any_case_and_offline(told):
    script = 'printf "%s %s %s\\n" "$1" "$2" "${MIC2025LAB_OFFLINE:-online}"\n[ "$1" = batch ]\n'
    made, log = told(script, refresh=True)
    assert log == ["data fetch online", f"batch {made.plan} 1"]
    service = units(schedules.systemd(schedule(Path("/srv"), refresh=True)))["mic2025lab.service"]
    assert re.search(r"^ExecStartPre=-/usr/bin/env \S+ data fetch$", service, flags=re.M)
    assert re.search(r"^ExecStart=/usr/bin/env MIC2025LAB_OFFLINE=1 \S+ batch ", service, flags=re.M)
    with pytest.raises(ParameterError, match="--refresh is for cron and systemd"):
        schedules.github(replace(schedule(Path()), refresh=True))


@pytest.mark.parametrize(
    ("every", "at", "cron", "calendar"),
    [
        ("day", "0:05", "5 0 * * *", "*-*-* 00:05:00"),
        ("week", "06:00", "0 6 * * 1", "Mon *-*-* 06:00:00"),
        ("month", "23:59", "59 23 1 * *", "*-*-01 23:59:00"),
    ],
)
def test_the_time_is_the_same_everywhere(every, at, cron, calendar):
    made = schedule(Path("/srv"), every=every, at=at)
    assert f"\n{cron} cd " in schedules.cron(made)
    assert f"OnCalendar={calendar}\n" in schedules.systemd(made)
    github = schedule(Path(), every=every, at=at)
    assert yaml.safe_load(schedules.github(github))["on"]["schedule"] == [{"cron": cron}]
    croniter = pytest.importorskip("croniter", reason="needs croniter (jupyter_scheduler brings it)")
    assert croniter.croniter.is_valid(cron)


def units(text):
    """Take the two files apart, as the comments say."""
    parts = re.split(r"^# ~/\.config/systemd/user/(\S+)\n", text, flags=re.M)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@given(name=PATHS)
def test_systemd_reads_the_words_that_were_written(name):
    made = schedule(Path("/srv") / name, jobs=2)
    service = units(schedules.systemd(made))["mic2025lab.service"]
    (line,) = re.findall(r"^ExecStart=(.*)$", service, flags=re.M)
    # In double quotes systemd's escapes are those of a shell; then %% is a percent sign and $$ a dollar.
    words = [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(line)]
    assert words == ["/usr/bin/env", *made.words]
    (folder,) = re.findall(r"^WorkingDirectory=(.*)$", service, flags=re.M)
    assert folder.replace("%%", "%") == str(made.folder)


@pytest.mark.parametrize("name", ["plain", "with space", AWKWARD])
def test_systemd_takes_the_units(tmp_path, name):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("needs systemd-analyze")
    made = schedule(tmp_path / name)
    made.program.parent.mkdir(parents=True)
    made.program.write_text("#!/bin/sh\n")
    made.program.chmod(0o755)
    for file, text in units(schedules.systemd(made)).items():
        (tmp_path / file).write_text(text)
    done = subprocess.run(
        [analyze, "verify", "./mic2025lab.service", "./mic2025lab.timer"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    if "Failed to initialize manager" in done.stderr:
        pytest.skip(f"systemd-analyze cannot work here: {done.stderr.strip()}")
    assert (done.returncode, done.stderr) == (0, "")


def steps(*places, **options):
    """The steps of a workflow with this plan, these reports, and this folder."""
    workflow = yaml.safe_load(schedules.github(schedules.Schedule(*places, Path("mic2025lab"), **options)))
    assert workflow["permissions"] == {"contents": "read"}
    (job,) = workflow["jobs"].values()
    assert "permissions" not in job
    return job["steps"]


def test_a_workflow_is_pinned_and_has_no_secret():
    made = steps(Path("plans/my plan's.yml"), Path("my reports"), Path(), jobs=2)
    for step in made:
        assert re.fullmatch(r"actions/[a-z/-]+@v\d+", step.get("uses", "actions/a@v1"))
        assert "${{" not in step.get("run", "")
    (run,) = [step["run"] for step in made if "batch" in step.get("run", "")]
    words = "mic2025lab batch 'plans/my plan'\\''s.yml' --reports 'my reports' --jobs 2 --junit 'my reports/junit.xml'"
    assert shlex.split(run) == shlex.split(words)
    assert "secrets" not in str(made)


def test_paths_of_windows_are_written_as_github_reads_them():
    places = [PureWindowsPath(text) for text in (r"plans\my plan.yml", r"out\reports", r"paper\study")]
    made = steps(*places)
    (run,) = [step for step in made if "batch" in step.get("run", "")]
    assert run["working-directory"] == "paper/study"
    assert shlex.split(run["run"])[2:5] == ["plans/my plan.yml", "--reports", "out/reports"]
    assert "paper/study/out/reports" in [step["with"].get("path") for step in made if "with" in step]


@pytest.mark.parametrize(
    "plan",
    [
        Path("/srv/plan.yml"),
        Path("../plan.yml"),
        Path("${{ github.token }}.yml"),
        PureWindowsPath(r"C:\plan.yml"),
    ],
)
def test_a_path_that_github_has_not_is_refused(plan):
    with pytest.raises(ParameterError):
        steps(plan, Path("r"), Path())


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": "24:00"},
        {"at": "6"},
        {"at": "06:00\n* * * * * x"},
        {"plan": Path("a\nb")},
        {"program": Path("a=b")},
    ],
)
def test_what_cannot_be_written_in_a_recipe_is_refused(wrong):
    with pytest.raises(ParameterError):
        replace(schedule(Path("/srv")), **wrong)


@pytest.mark.parametrize("kind", list(schedules.KINDS))
def test_the_command_prints_a_recipe_of_a_plan_that_is_right(toy, plan, tmp_path, monkeypatch, kind):
    monkeypatch.chdir(plan("runs: [{analysis: toy}]").parent)
    monkeypatch.setenv("TOY_API_KEY", "sk-0123456789")
    printed = call("schedule", "print", kind, "plan.yml", "--every", "day", "--at", "05:30").stdout
    has(printed, "batch", "plan.yml" if kind == "github" else str(tmp_path / "plan.yml"))
    assert "sk-0123456789" not in printed
    assert [path.name for path in tmp_path.iterdir()] == ["plan.yml"]
    plan("runs: [{analysis: tow}]")
    call("schedule", "print", kind, "plan.yml", status=2)


def snippets(root, language):
    text = (root / "docs" / "scheduling.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.S)


def check(words):
    """Find the command and its options."""
    command = main
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    options = {option for param in command.params for option in param.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_the_recipes_of_the_guide_compile_and_name_what_exists(root):
    found = [ast.parse(code) for code in snippets(root, "python")]
    assert len(found) == 3
    calls = {
        node.func.id: {word.arg: word.value for word in node.keywords}
        for tree in found
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    papermill = calls["PapermillOperator"]
    notebook = Path(ast.literal_eval(papermill["input_nb"])).name
    (analysis,) = [name for name, path in analyses.ANALYSES.items() if path.name == notebook]
    analyses.validate(analysis, ast.literal_eval(papermill["parameters"]))
    command = shlex.split(ast.literal_eval(calls["BashOperator"]["bash_command"]))
    check(command[1:])
    assert (root / command[2]).is_file()


def test_the_plan_of_the_guide_is_a_plan(root, tmp_path):
    (text,) = snippets(root, "yaml")
    (tmp_path / "plan.yml").write_text(text)
    assert len(read_plan(tmp_path / "plan.yml")) == 3 * 2 - 1 + 1 + 1


def test_the_commands_of_the_guide_exist(root):
    text = (root / "docs" / "scheduling.md").read_text(encoding="utf-8")
    for line in re.findall(r"^    mic2025lab (.*)$", text, flags=re.M):
        check(shlex.split(line))
