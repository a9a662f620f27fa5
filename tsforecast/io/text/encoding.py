"""Which encoding a text is in: a strict ladder, never a silent replacement character."""

from __future__ import annotations

import codecs

from tsforecast.errors import NotReadableError, UsageError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

#: What the detector may answer once UTF-8 failed: the encodings that spreadsheets and loggers still write.
_LEGACY = ["cp932", "euc_jp", "cp1252", "gb18030", "big5", "cp949", "cp1251", "cp1250", "cp1253", "cp1254"]
_SAMPLE = 1 << 16
_FEW = 32


def find_encoding(data: bytes, asked: str | None, name: str) -> str:
    """The Python codec under which all of `data` decodes strictly.

    The ladder: what was asked for, byte order marks, UTF-8, UTF-16 without mark, then charset-normalizer among the
    common legacy encodings.

    Raises:
        UsageError: Where `asked` is no codec.
        NotReadableError: Where `data` is binary, or does not decode.
    """
    if asked is not None:
        try:
            codecs.lookup(asked)
        except LookupError:
            raise UsageError(f"there is no encoding '{asked}'", "for example utf-8, cp932, cp1252") from None
        if not _decodes(data, asked):
            raise NotReadableError(f"{name} is not {asked}", "leave --encoding out to have it found")
        return asked
    for mark, codec in _BOMS:
        if data.startswith(mark) and _decodes(data, codec):
            return codec
    head = data[:_SAMPLE]
    if b"\x00" in head:
        for codec, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
            if zeros.count(0) > 0.4 * len(zeros) and _decodes(data, codec):
                return codec
    if b"\x00" in data:
        line = data[: data.index(b"\x00")].count(b"\n") + 1
        raise NotReadableError(f"{name} is binary: line {line} holds a NUL byte", "give a text table, or --encoding")
    control = sum(head.count(bytes([c])) for c in range(1, 32) if c not in (7, 9, 10, 11, 12, 13, 26, 27))
    if control > 0.01 * len(head):
        raise NotReadableError(f"{name} is binary, not a text table", "give a CSV, TSV, JSON, JSONL or Parquet file")
    return "utf-8" if _decodes(data, "utf-8") else _find_legacy(data, name)


def _find_legacy(data: bytes, name: str) -> str:
    import charset_normalizer

    # Plain ASCII says nothing: look at the lines that hold something else.
    telling = (
        b"\n".join(line for line in data[: 1 << 22].split(b"\n") if not line.isascii())[:_SAMPLE] or data[-_SAMPLE:]
    )
    telling = telling[: telling.rfind(b"\n")] if len(telling) == _SAMPLE and b"\n" in telling else telling
    found = [match.encoding for match in charset_normalizer.from_bytes(telling, cp_isolation=_LEGACY)]
    few = sum(byte > 127 for byte in telling) < _FEW
    # Too few letters tell Western from Central European or Turkish: Western is the likeliest.
    ranked = ["cp1252", *found] if few and found and found[0] in ("cp1250", "cp1254") else found
    for codec in ranked:
        if _decodes(data, codec):
            return codec
    for codec in ("cp932", "cp1252"):
        if _decodes(data, codec):
            return codec
    raise NotReadableError(f"the encoding of {name} was not recognised", "give it with --encoding")


def _decodes(data: bytes, codec: str) -> bool:
    """Whether all of `data` decodes strictly, by pieces so that a large file is not held twice."""
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        for start in range(0, len(data), 1 << 20):
            decoder.decode(data[start : start + (1 << 20)])
        decoder.decode(b"", final=True)
    except (UnicodeError, ValueError):
        return False
    return True
