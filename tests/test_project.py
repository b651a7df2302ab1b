"""The files around the package agree with each other, and hold nothing that they must not."""

from __future__ import annotations

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


def tracked(root):
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [root / name for name in listed.stdout.split("\0") if name and (root / name).is_file()]


def name_and_bound(requirement: str) -> tuple[str, str]:
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

    assert project["version"] == mic2025lab.__version__
    assert f"version: {project['version']}" in (root / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## {project['version']}" in (root / "CHANGELOG.md").read_text(encoding="utf-8")


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
    for path in tracked(root):
        if path.suffix in {".parquet", ".png"} or path.name == "requirements.lock":
            continue
        raw = path.read_bytes()
        if "tests" not in path.parts:
            assert not machine.search(raw), path
            assert not secret.search(raw), path


def test_a_checkout_with_converted_line_endings_has_the_same_bytes(root, tmp_path):
    """Git for Windows has core.autocrlf=true by default; .gitattributes is there so that it changes nothing."""
    files = [
        path.relative_to(root) for path in tracked(root) if path.suffix in {".csv", ".py", ".json", ".ipynb"}
    ]
    files = [path for n, path in enumerate(files) if path.suffix == ".csv" or n % 20 == 0]
    git = ["git", "-c", "core.autocrlf=true", "-c", "core.safecrlf=false", "-C", str(tmp_path)]
    for path in [".gitattributes", *map(str, files)]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes((root / path).read_bytes())
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    for path in files:
        (tmp_path / path).unlink()
    subprocess.run([*git, "checkout", "-q", "--", "."], check=True)
    changed = [path for path in files if (tmp_path / path).read_bytes() != (root / path).read_bytes()]
    assert not changed


def test_variables_of_make_may_hold_spaces(root, tmp_path):
    environment = tmp_path / "an environment"
    environment.mkdir()
    (environment / ".installed").touch()
    call = ["make", "-n", "report", f"VENV={environment}", "REPORTS=my reports", "PLAN=a plan.yml", "JOBS=3"]
    # Inside `make test`, make would take the outer call's options and report the folders that it enters.
    outer = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "VENV", "REPORTS", "PLAN", "JOBS"}
    environ = {name: value for name, value in os.environ.items() if name not in outer}
    said = subprocess.run(call, cwd=root, env=environ, capture_output=True, text=True, check=True).stdout
    words = [
        str(environment / "bin" / "mic2025lab"),
        "batch",
        "a plan.yml",
        "--jobs",
        "3",
        "--reports",
        "my reports",
    ]
    assert [shlex.split(line) for line in said.splitlines()] == [words]
