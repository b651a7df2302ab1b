"""The user's project: found from any folder inside it, and checked when it is read."""

import pytest

from mic2025lab import project
from mic2025lab.errors import LabError


def test_a_project_is_found_from_a_folder_inside_it(tmp_path, monkeypatch):
    (tmp_path / project.FILE).write_text("reports: out\ntables: {mine: {file: data/mine.csv, unit: USD}}\n")
    inside = tmp_path / "notebooks" / "drafts"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    found = project.find()
    assert (found.root, found.reports, found.plan) == (tmp_path, tmp_path / "out", tmp_path / "plan.yml")
    assert found.tables == {"mine": {"file": "data/mine.csv", "unit": "USD"}}


def test_no_project(tmp_path):
    assert project.find(tmp_path) is None


def test_the_kernel_of_a_run_finds_the_project_of_its_run(tmp_path, monkeypatch):
    (tmp_path / project.FILE).touch()
    monkeypatch.setenv(project.FOLDER, str(tmp_path))
    assert project.find().root == tmp_path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plans: plan.yml", ["'plans'", "plan"]),
        ("vintages: weo-2025-10", ["vintages", "'weo-2025-10'"]),
        ("- plan.yml", ["['plan.yml']"]),
        ("tables: {mine: data.csv}", ["'mine'", "'data.csv'", "file:"]),
        ("plan: [", ["not YAML"]),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, text, words):
    (tmp_path / project.FILE).write_text(text)
    with pytest.raises(LabError) as error:
        project.find(tmp_path)
    assert all(word in str(error.value) for word in words)
