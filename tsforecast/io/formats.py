"""What kind of file the bytes are, and who reads it."""

from __future__ import annotations

from tsforecast.config import ReadConfig
from tsforecast.errors import NotReadableError
from tsforecast.io.bulk import SMALLEST, read_bulk
from tsforecast.io.sheet import Sheet
from tsforecast.io.source import Source
from tsforecast.io.structured import read_excel, read_json, read_parquet
from tsforecast.io.text.encoding import find_encoding
from tsforecast.io.text.table import read_text

_UTF8 = ("utf-8", "utf-8-sig")


def find_format(source: Source) -> str:
    """ "parquet", "excel", "json", "jsonl" or "csv", by magic bytes, then suffix, then the first character.

    Raises:
        NotReadableError: Where bytes and suffix contradict each other.
    """
    if source.data.startswith(b"PAR1"):
        return "parquet"
    if source.data.startswith(b"PK\x03\x04"):
        if b"xl/" in source.data:
            return "excel"
        if b"manifest.json" in source.data and b"preparing.json" in source.data:
            hint = (
                f"tsforecast predict {source.name} forecasts from it, tsforecast inspect {source.name} tells about it"
            )
            raise NotReadableError(f"{source.name} is a saved model, not a table", hint)
        raise NotReadableError(f"{source.name} is a zip archive, not a table", "unpack it first")
    for suffix, kind in ((".parquet", "Parquet"), (".xlsx", "Excel"), (".xlsm", "Excel")):
        if source.suffix == suffix:
            raise NotReadableError(f"{source.name} is no {kind} file, whatever its suffix says", "it may be damaged")
    first = source.data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if source.suffix in (".jsonl", ".ndjson"):
        return "jsonl"
    if source.suffix == ".json":
        return "json"
    if source.suffix in (".csv", ".tsv", ".txt", ".dat") or first not in (b"{", b"["):
        return "csv"
    whole = first == b"[" or b"\n" not in source.data.strip() or b"}" not in source.data.split(b"\n", 1)[0]
    return "json" if whole else "jsonl"


def read_grid(source: Source, config: ReadConfig) -> Sheet:
    """The columns of any supported file.

    Raises:
        NotReadableError: Where the bytes do not decode or parse.
        DataError: Where they hold no table.
        MissingDependencyError: Where the format needs an optional package.
    """
    kind = find_format(source)
    if kind == "parquet":
        grid = read_parquet(source.data, source.name, config.max_size)
    elif kind == "excel":
        grid = read_excel(source.data, source.name, config.max_size)
    else:
        encoding = find_encoding(source.data, config.encoding, source.name)
        grid = _read_decoded(source, config, kind, encoding)
        grid.facts["encoding"] = encoding
        if encoding not in _UTF8:
            grid.notes.insert(0, f"read as {encoding} (not UTF-8)")
    kind = "tsv" if grid.facts.get("delimiter") == "tab" else kind
    grid.facts |= {"format": kind, "source": source.name, "compression": source.compression}
    return grid


def _read_decoded(source: Source, config: ReadConfig, kind: str, encoding: str) -> Sheet:
    if kind == "csv" and len(source.data) >= SMALLEST and encoding in _UTF8:
        grid = read_bulk(source.data, config, source.name)
        if grid is not None:
            return grid
    text = source.data.decode(encoding)
    if kind == "csv":
        return read_text(text, config, source.name)
    return read_json(text, source.name, kind == "jsonl", config.max_size)
