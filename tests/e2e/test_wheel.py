"""The released package: wheel and sdist are built and checked, and in an empty environment and folder everything works as the README says."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(os.name == "nt", reason="paths of a POSIX environment"),
]


@pytest.fixture(scope="module")
def built(root, tmp_path_factory):
    """The folder of sdist and wheel, as `python -m build` makes them from the tracked files."""
    place = tmp_path_factory.mktemp("build")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        (place / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, place / "tree" / name)
    subprocess.run(
        [sys.executable, "-m", "build", "-o", str(place / "dist"), str(place / "tree")], check=True
    )
    return place / "dist"


def test_both_pass_the_check_of_the_index(built):
    files = sorted(map(str, built.glob("mic2025lab-*")))
    assert len(files) == 2
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *files], check=True)


def test_what_is_in_them(built, root):
    (wheel,), (sdist,) = built.glob("*.whl"), built.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        (metadata,) = (name for name in names if name.endswith("/METADATA"))
        about = packed.read(metadata).decode()
    for kind in ("data", "notebooks"):
        ours = {
            p.relative_to(root / kind).as_posix()
            for p in (root / kind).rglob("*")
            if p.suffix in {".ipynb", ".parquet", ".csv"} and "." not in p.parent.name
        }
        assert ours <= {name.removeprefix(f"mic2025lab/_{kind}/") for name in names}
    assert not re.findall(
        r"\]\((?!https?:)", about.partition("\n\n")[2]
    )  # a page of an index has no files beside it
    with tarfile.open(sdist) as packed_source:
        there = {name.partition("/")[2] for name in packed_source.getnames()}
    assert {"README.md", "tests/conftest.py", "data/catalog.json", "docs/designs.md", "Makefile"} <= there


@pytest.fixture(scope="module")
def bare(built, tmp_path_factory):
    """The `bin` of an environment that has the wheel and what it needs, and nothing else."""
    place = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    (wheel,) = built.glob("*.whl")
    subprocess.run([place / "bin/python", "-m", "pip", "install", "-q", str(wheel)], check=True)
    return place / "bin"


def test_a_new_user_gets_from_an_empty_folder_to_a_share_that_opens_elsewhere(bare, tmp_path):
    names = ("PYTHONPATH", "VIRTUAL_ENV")
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in names and not name.startswith("MIC2025LAB")
    }
    clean |= {"PATH": f"{bare}:{os.environ['PATH']}", "MIC2025LAB_CACHE": str(tmp_path / "cache")}
    project = tmp_path / "my project"

    def call(*words, cwd=project):
        done = subprocess.run(
            [str(word) for word in words], cwd=cwd, env=clean, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    call("mic2025lab", "init", project, "--only", "overcapacity", cwd=tmp_path)
    call("mic2025lab", "batch")
    assert list((project / "reports/runs/overcapacity").glob("*/notebook.html"))
    assert "unchanged" in call("mic2025lab", "run", "overcapacity", cwd=project / "notebooks")
    call("mic2025lab", "verify", "overcapacity")
    call("mic2025lab", "export", "overcapacity", "--no-input", "-o", "report.html")
    (line,) = [
        text for text in call("mic2025lab", "schedule", "print", "cron").splitlines() if text[0] != "#"
    ]
    call("/bin/sh", "-c", line.split(" ", 5)[5].replace(r"\%", "%"), cwd=tmp_path)
    assert "1 unchanged" in (project / "reports/batch.log").read_text()
    assert "-r requirements.lock" not in call("mic2025lab", "schedule", "print", "github")
    call("mic2025lab", "share", "overcapacity", "-o", tmp_path / "out.zip")
    shutil.unpack_archive(tmp_path / "out.zip", tmp_path / "elsewhere")
    (elsewhere,) = (tmp_path / "elsewhere").iterdir()
    assert (elsewhere / "docs/designs.html").is_file()
    assert "agrees exactly" in call("mic2025lab", "verify", ".", cwd=elsewhere)
