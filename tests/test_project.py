"""The files around the package agree with each other, and hold nothing that they must not."""

import json
import os
import re
import shlex
import subprocess
import tomllib

import pytest
import yaml


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def tracked(root, *options):
    command = ["git", "ls-files", "-z", *options]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return listed.stdout.rstrip("\0").split("\0")


def commands_of_make(root, *words):
    """What make would run, outside `make test`, whose options it would take over."""
    outer = ("MAKE", "MFLAGS", "VENV", "REPORTS", "PLAN", "JOBS")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(outer)}
    return subprocess.run(
        ["make", "-n", *words], cwd=root, env=environ, capture_output=True, text=True, check=True
    ).stdout


def name_and_bound(requirement):
    name, bound = re.fullmatch(r"([A-Za-z0-9_.-]+)\s*(.*)", requirement.split("#")[0].strip()).groups()
    return name.lower(), bound


def test_environment_yml_is_in_step_with_pyproject(root, project):
    conda = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    there = dict(name_and_bound(item) for item in conda if isinstance(item, str))
    there["xxhash"] = there.pop("python-xxhash")  # conda's name
    wanted = dict(name_and_bound(item) for item in project["dependencies"])
    extras = project["optional-dependencies"]
    wanted |= dict(name_and_bound(item) for item in extras["lab"] + extras["polars"])
    assert there.pop("python") == project["requires-python"]
    assert there.pop("pip") == ""
    assert there.pop("pytest") == dict(map(name_and_bound, extras["test"]))["pytest"]
    assert there == wanted


def test_the_lock_has_every_dependency_with_hashes(root, project):
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9_.-]+)==", lock, flags=re.M))
    wanted = project["dependencies"] + [
        item for extra in project["optional-dependencies"].values() for item in extra
    ]
    missing = {name_and_bound(item)[0].replace("_", "-") for item in wanted} - locked
    assert not missing
    assert len(re.findall(r"^[a-z0-9_.-]+==", lock, flags=re.M)) <= lock.count("--hash=sha256:")
    assert "index-url" not in lock
    assert "://" not in lock


def test_versions_agree(root, project):
    import mic2025lab

    assert "version" in project["dynamic"]
    assert "version" not in project
    assert f"## {mic2025lab.__version__}" in (root / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_citation_is_that_of_the_package_everywhere(root, project):
    import mic2025lab

    cff = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    zenodo = json.loads((root / ".zenodo.json").read_text(encoding="utf-8"))
    assert str(cff["version"]) == zenodo["version"] == mic2025lab.__version__
    assert cff["date-released"] == zenodo["publication_date"]
    assert (cff["title"], cff["abstract"]) == (zenodo["title"], zenodo["description"])
    assert cff["license"] == zenodo["license"] == project["license"]
    assert cff["keywords"] == zenodo["keywords"] == project["keywords"]
    assert cff["authors"] == zenodo["creators"] == project["authors"]
    assert cff["repository-code"] == project["urls"]["Repository"]


@pytest.fixture(scope="module")
def workflows(root):
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in (root / ".github/workflows").glob("*.yml")
    }


def test_the_pythons_of_the_workflows_are_those_that_the_package_names(root, project, workflows):
    named = [text.rpartition(" ")[2] for text in project["classifiers"] if re.search(r":: 3\.\d+$", text)]
    assert project["requires-python"] == f">={named[0]}"
    matrix = workflows["tests"]["jobs"]["quick"]["strategy"]["matrix"]
    assert matrix["python"] == named
    assert {name.partition("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}
    support = (root / "docs/support.md").read_text(encoding="utf-8")
    assert f"| Python | {', '.join(named)} |" in support
    (pandas,) = [text for text in project["dependencies"] if text.startswith("pandas>")]
    assert f"| pandas | {re.search(r'[0-9]+', pandas)[0]} |" in support
    extras = re.findall(r"^\| `(\w+)` \|", support, flags=re.M)
    assert set(extras) == set(project["optional-dependencies"]) - {"bench", "dev", "docs", "test"}


def test_workflows_hold_no_key_and_may_only_read(root, workflows):
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    for name, workflow in workflows.items():
        assert workflow["permissions"] == {"contents": "read"}
        for job in workflow["jobs"].values():
            assert job.get("permissions", {}) in ({}, {"id-token": "write"})
            assert ("permissions" in job) == (job.get("environment") == "pypi")
            assert job["timeout-minutes"] <= 90
            for step in job["steps"]:
                assert "secrets" not in str(step), name
                assert "${{" not in step.get("run", "")  # it would be pasted into a shell
                for target in re.findall(r"make (\w+)", step.get("run", "")):
                    assert re.search(rf"^{target}:", makefile, flags=re.M)
                for path in re.findall(r"(?<=\s)tests/\w[\w/.*]*", step.get("run", "")):
                    assert list(root.glob(path)), path
    assert set(workflows["release"]["on"]) == {"push"}


def test_a_notebook_opens_with_its_data_in_a_container(root):
    """Binder and Dev Containers install what the lock says; the folders of data and notebooks are those of the checkout."""
    wanted = (root / ".binder/requirements.txt").read_text(encoding="utf-8").splitlines()[-1]
    assert (root / ".binder" / wanted.removeprefix("-r ")).resolve() == root / "requirements.lock"
    after = root / ".binder/postBuild"
    assert os.name == "nt" or os.access(after, os.X_OK)
    assert "pip install --no-deps -e ." in after.read_text(encoding="utf-8")
    container = json.loads((root / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    for path in container["customizations"]["codespaces"]["openFiles"]:
        assert (root / path).is_file()
    target = container["postCreateCommand"].removeprefix("make ")
    assert "-r requirements.lock" in commands_of_make(root, "-B", target)


def test_notebooks_are_stripped(root):
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                assert not cell["outputs"], path.name
                assert cell["execution_count"] is None, path.name


def test_no_path_of_a_machine_and_no_key_is_committed(root):
    machine = re.compile(
        rb"((?<![a-z])/home/[a-z]|/root/|/Users/[A-Za-z]|[A-Z]:\\\\Users)"
    )  # a site may have /home/ too
    secret = re.compile(
        rb"(?i)(api[_-]?key|subscription[_-]?key|secret|token)\s*[=:]\s*['\"][A-Za-z0-9+/_-]{16,}['\"]"
    )
    for path in map(root.joinpath, tracked(root)):
        if path.suffix in {".parquet", ".png"} or path.name == "requirements.lock" or not path.is_file():
            continue
        raw = path.read_bytes()
        if "tests" not in path.parts:
            assert not machine.search(raw), path
            assert not secret.search(raw), path


def test_no_checkout_converts_line_endings(root):
    """Git for Windows has core.autocrlf=true by default; .gitattributes is there so that it changes nothing."""
    kept = re.compile(r"\S+ +\S+ +attr/-text\s|i/(lf|none) +\S+ +attr/text=auto eol=lf\s")
    assert [line for line in tracked(root, "--eol") if not kept.match(line)] == []


def test_variables_of_make_may_hold_spaces(root, tmp_path):
    environment = tmp_path / "an environment"
    environment.mkdir()
    (environment / ".installed").touch()
    said = commands_of_make(
        root, "report", f"VENV={environment}", "REPORTS=my reports", "PLAN=a plan.yml", "JOBS=3"
    )
    words = [str(environment / "bin" / "mic2025lab"), "batch", "a plan.yml", "--jobs", "3"]
    words += ["--reports", "my reports"]
    assert [shlex.split(line) for line in said.splitlines()] == [words]
