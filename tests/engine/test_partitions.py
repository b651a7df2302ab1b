"""Files of a partitioned table: what they say of themselves, and what is read of them."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mic2025lab import metrics
from mic2025lab.engine import partition_files
from mic2025lab.engine.by_partition import _joined
from mic2025lab.engine.partitions import open_folder
from mic2025lab.engine.parts import Room
from mic2025lab.errors import ChecksumError, LabError, TableError
from tests.engine.tables import stored

ECONOMIES = [f"E{n:02d}" for n in range(20)]
PRODUCTS = ["010121", "280530", "854231"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two years, sorted by importer, in groups of 100 rows; a quantity is missing."""
    monkeypatch.setattr(partition_files, "ROW_GROUP", 100)
    key = np.arange(20 * 20 * 3)
    book = {"importer": ECONOMIES, "exporter": ECONOMIES, "product": PRODUCTS}
    columns = {
        "importer": (key // 60).astype(np.int16),
        "exporter": (key // 3 % 20).astype(np.int16),
        "product": (key % 3).astype(np.int16),
        "value": key + 0.5,
        "quantity": pa.array(np.where(key == 7, np.nan, 1.0), from_pandas=True),
    }
    stored(tmp_path, {2014: columns, 2015: columns}, book)
    return tmp_path


def test_files_and_manifest_are_on_the_disk_before_they_have_their_names(published, folder):
    assert all(published(folder / name) for name in ("2014.parquet", "2015.parquet", "manifest.json"))


def test_a_file_says_in_which_columns_nothing_is_missing(folder):
    schema = pq.read_schema(folder / "2014.parquet")
    assert [name for name in schema.names if schema.field(name).nullable] == ["quantity"]


@pytest.mark.parametrize(
    ("filters", "query", "groups"),
    [
        ({"importer": "E00"}, "importer == 'E00'", 1),
        ({"importer": ["E00", "E01"]}, "importer in ['E00', 'E01']", 2),
        ({"importer": slice("E05", "E06")}, "'E05' <= importer <= 'E06'", 2),
        (
            {"importer": "E04", "exporter": "E01", "value": slice(240, 243)},
            "importer == 'E04' and exporter == 'E01' and 240 <= value <= 243",
            1,
        ),
        ({"product": "280530"}, "product == '280530'", 12),
        ({"importer": "E01", "quantity": 1.0}, "importer == 'E01' and quantity == 1", 2),
        ({"value": slice(5000, None)}, "value >= 5000", 0),
    ],
)
def test_groups_of_rows_that_have_nothing_wanted_are_not_read(folder, filters, query, groups, monkeypatch):
    whole = open_folder(folder, labels=2015).collect()
    rows = whole.astype(dict.fromkeys(("importer", "exporter", "product"), "str")).query(query).index
    read, sizes = partition_files.CheckedFile.read, []

    def watched(self, size=-1):
        sizes.append(size if size >= 0 else 0)
        return read(self, size)

    monkeypatch.setattr(partition_files.CheckedFile, "read", watched)
    open_folder(folder, labels=2015).collect()
    footer, before = sizes[0], len(sizes)
    all_groups = sum(size for size in sizes if size != footer)
    some = open_folder(folder, labels=2015, filters=filters).collect()
    pd.testing.assert_frame_equal(some, whole.loc[rows].reset_index(drop=True))
    assert round(12 * sum(size for size in sizes[before:] if size != footer) / all_groups) == groups


def flipped(path, place, bit):
    """Flip one bit of a file."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << bit
    path.write_bytes(content)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_byte_is_an_error_or_is_not_read(folder, data):
    """Single bits of the files and of the manifest, read whole, summed in batches (one year in two threads), and filtered."""

    def numbers():
        table = open_folder(folder)
        some = open_folder(folder, labels=2015, filters={"importer": "E05"})
        one = metrics.hhi(open_folder(folder, labels=2014))
        return [table.collect(["value", "exporter"]), metrics.hhi(table), one, some.collect()]

    whole = numbers()
    path = data.draw(st.sampled_from(sorted(folder.iterdir())))
    place, bit = data.draw(st.integers(0, path.stat().st_size - 1)), data.draw(st.integers(0, 7))
    flipped(path, place, bit)
    try:
        for found, wanted in zip(numbers(), whole, strict=True):
            pd.testing.assert_frame_equal(found, wanted)
    except LabError:
        pass
    finally:
        flipped(path, place, bit)


def test_a_file_that_changes_after_the_table_was_opened_is_not_used(folder):
    table = open_folder(folder)
    size = (folder / "2015.parquet").stat().st_size
    flipped(folder / "2015.parquet", size // 2, 3)
    with pytest.raises(
        ChecksumError, match=r"2015\.parquet is damaged: bytes 0 to .* Convert the table again"
    ):
        table.collect()
    assert len(table.part([2014]).read()) == 1200
    (folder / "2014.parquet").unlink()
    with pytest.raises(ChecksumError, match=r"2014\.parquet cannot be read"):
        table.part([2014]).read()


@pytest.mark.parametrize("labels", [None, 2015])
def test_files_are_closed_after_an_error(folder, labels, monkeypatch):
    opened, init = [], partition_files.CheckedFile.__init__

    def watched(self, *given):
        opened.append(self)
        init(self, *given)

    monkeypatch.setattr(partition_files.CheckedFile, "__init__", watched)
    path, table = folder / "2015.parquet", open_folder(folder, labels=labels)
    flipped(path, path.stat().st_size // 2, 3)
    with pytest.raises(ChecksumError):
        metrics.hhi(table)
    assert opened
    assert all(file.closed for file in opened)


def test_a_result_that_is_not_complete_leaves_no_part_of_a_file(folder, tmp_path):
    path, table = folder / "2014.parquet", open_folder(folder)
    flipped(path, path.stat().st_size // 2, 3)
    with pytest.raises(ChecksumError):
        metrics.hhi(table.write_to(tmp_path / "result"))
    assert not list((tmp_path / "result").iterdir())


def test_ranges_over_several_blocks_are_read_and_checked(tmp_path, monkeypatch):
    monkeypatch.setattr(partition_files, "BLOCK", 8)
    path = tmp_path / "file"
    path.write_bytes(bytes(range(100)))
    with path.open("rb") as stream:
        checksums = partition_files.block_checksums(stream)
    with partition_files.CheckedFile(path, checksums) as file:
        for start, size in ((0, 100), (3, 10), (8, 8), (95, 50), (100, 5), (120, 5), (99, 1)):
            file.seek(start)
            assert bytes(file.read(size)) == bytes(range(100))[start : start + size]
        flipped(path, 40, 0)
        file.seek(0)
        assert bytes(file.read(40)) == bytes(range(40))
        with pytest.raises(ChecksumError, match="bytes 40 to 48"):
            file.read(1)


def coded(labels, codes):
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int16()), pa.array(labels))


def test_results_of_parts_are_joined_as_concat_joins_them():
    tables = [
        pa.table(
            {
                "year": pa.array(np.full(3, year, np.int16)),
                "who": coded(labels, codes),
                "name": ["a", None, "c"],
                "count": pa.array([1, 2, 3]),
                "share": pa.array([0.5, None, year / 7]),
            }
        )
        for year, labels, codes in (
            (2013, ["CHN", "USA"], [0, 1, 0]),
            (2014, ["CHN", "USA"], [1, 1, None]),
            (2015, ["AUT", "USA"], [1, 0, 0]),
        )
    ]
    frames = [part.to_pandas().astype({"year": "int64", "who": object}) for part in tables]
    made = _joined(tables, "year", Room(0))
    expected = pd.concat(frames, ignore_index=True)
    assert made["who"].cat.categories.tolist() == ["AUT", "CHN", "USA"]
    pd.testing.assert_frame_equal(
        made.astype({"who": object}), expected, check_dtype=False, check_categorical=False
    )
    assert made["year"].dtype == np.int64
    assert made["count"].dtype == np.int64


def test_several_threads_read_and_divide_a_part_that_is_alone(folder):
    """A whole file, a column with missing values, and nothing but the key."""
    both, one = open_folder(folder), open_folder(folder, labels=2014)
    assert one.part().threads > both.part([2014]).threads == 1
    assert one.part().read().equals(both.part([2014]).read())
    assert one.part().read(["year"]).equals(both.part([2014]).read(["year"]))
    options = {"of": "exporter", "within": ("importer", "product", "year")}
    shares = metrics.market_share(both, **options)
    pd.testing.assert_frame_equal(metrics.market_share(one, **options), shares[shares["year"] == 2014])


def test_results_are_written_a_partition_at_a_time(folder, tmp_path, published):
    table, there = open_folder(folder), tmp_path / "shares"
    options = {"of": "exporter", "within": ("importer", "product", "year")}
    made = metrics.market_share(table.write_to(there), **options)
    assert made.labels == (2014, 2015)
    assert all(published(there / name) for name in ("2014.parquet", "2015.parquet", "manifest.json"))
    whole = metrics.market_share(table, **options)  # read to its place in the result
    pd.testing.assert_frame_equal(made.collect(), whole, check_dtype=False)
    with ThreadPoolExecutor() as pool:  # copied there
        pd.testing.assert_frame_equal(whole, metrics.market_share(table.on(pool), **options))
    pd.testing.assert_frame_equal(
        whole[list(table.columns)], table.collect(), check_dtype=False, check_categorical=False
    )
    suppliers = metrics.main_supplier(table.write_to(tmp_path / "suppliers"))  # some cells have none
    expected = metrics.main_supplier(table).astype({"main_supplier": object})
    pd.testing.assert_frame_equal(
        suppliers.collect().astype({"main_supplier": object})[list(expected)], expected, check_dtype=False
    )
    with pytest.raises(TableError, match="holds a partitioned table already"):
        metrics.hhi(table.write_to(folder))
    with pytest.raises(TableError, match="one partition at a time"):
        metrics.share_change(
            table.write_to(tmp_path / "no"),
            start=2014,
            end=2015,
            of="exporter",
            within=("importer", "product"),
        )
