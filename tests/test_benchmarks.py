"""The data of the benchmarks: made from a seed, of BACI's shape, and labeled as simulated wherever it can be met."""

import importlib.util

import pyarrow.parquet as pq
import pytest

from mic2025lab import metrics
from mic2025lab.engine.partition_files import read_manifest
from mic2025lab.engine.partitions import open_folder


@pytest.fixture(scope="module")
def generate(root):
    """The generator, which is a script and no part of the package."""
    file = root / "benchmarks" / "generate.py"
    if not file.is_file():
        pytest.skip("the benchmarks are in the checkout only")
    spec = importlib.util.spec_from_file_location("generate", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_simulated_years_have_bacis_shape_and_say_what_they_are(generate, tmp_path):
    folder = generate.write(tmp_path / "a", [2014, 2015], rows=5000, economies=30, products=60)
    table = open_folder(folder)
    assert table.labels == (2014, 2015)
    assert table.rows == pytest.approx(10_000, rel=0.1)
    frame = table.collect()
    assert not frame.duplicated(["year", "exporter", "importer", "product"]).any()
    assert (frame["exporter"].astype("str") != frame["importer"].astype("str")).all()
    assert (frame["value"] > 0).all()
    assert frame["product"].cat.categories.str.fullmatch(r"\d{6}").all()
    assert frame["exporter"].value_counts(normalize=True).iloc[0] > 3 / 30  # a few have most of the rows
    assert metrics.hhi(table)["hhi"].between(0, 1).all()
    files = sorted(folder.glob("*.parquet"))
    assert all(path.name.startswith("SIMULATED_") for path in files)
    assert all(b"SIMULATED" in pq.read_schema(path).metadata[b"simulated"] for path in files)
    assert read_manifest(folder)["hs"] == "SIMULATED"


def test_a_seed_gives_the_same_bytes(generate, tmp_path):
    shape = {"rows": 2000, "economies": 20, "products": 40}
    made = [
        generate.write(tmp_path / name, [2015], **shape, seed=seed)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    first, same, other = (read_manifest(folder)["partitions"][0]["checksums"] for folder in made)
    assert first == same != other
