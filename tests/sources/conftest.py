"""Raw files that a test makes itself."""

import gzip

import pytest


@pytest.fixture
def raw_files(tmp_path):
    """Give a function that writes `{path: text}` (gzipped where the path says so) and returns the `raw` that finds them."""

    def make(files):
        for path, text in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            raw = text.encode("utf-8")
            file.write_bytes(gzip.compress(raw) if path.endswith(".gz") else raw)
        return lambda source, path: (
            tmp_path / (f"{source.id}/{path}" if f"{source.id}/{path}" in files else path)
        )

    return make
