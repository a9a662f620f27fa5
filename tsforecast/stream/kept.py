"""The state of a stream in a file: written whole, read as if a stranger had written it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tsforecast.errors import DataError, NotReadableError
from tsforecast.io.files import write_whole
from tsforecast.stream.engine import Engine

FORMAT = 1
OPTION = "--state"
_HINT = "remove it to begin anew"


def model_sum(path: str) -> str:
    """SHA-256 of a saved model: a state goes on with the model that it was written with, and no other."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def save_state(path: str, engine: Engine, model: str) -> None:
    """Write the state of a stream: readers see the old one or the new one.

    Raises:
        NotReadableError: The place cannot be written.
    """
    document = {"format": FORMAT, "model": model, "rows": engine.rows, "counts": engine.counts}
    text = json.dumps({**document, "tracks": engine.to_list()}, allow_nan=False)
    write_whole(path, text.encode(), OPTION)


def load_state(path: str, engine: Engine, model: str) -> bool:
    """Go on from a state; False where there is none yet.

    Raises:
        NotReadableError: It cannot be read.
        DataError: It is no state, or that of another model.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    except (OSError, UnicodeDecodeError) as error:
        raise NotReadableError(f"{path} cannot be read: {error}", f"choose another place with {OPTION}") from None
    try:
        found = json.loads(text, parse_constant=_refuse)
        if not isinstance(found, Mapping) or found.get("format") != FORMAT:
            raise ValueError("it is no state of a stream, or a newer one")
        if found["model"] != model:
            raise ValueError("it was written with another model")
        counts: dict[str, Any] = dict(found["counts"])
        engine.restore(list(found["tracks"]))
        engine.rows = int(found["rows"])
        engine.counts = {str(name): int(count) for name, count in counts.items()}
    # What plain Python says to values of another kind, range or shape.
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        told = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise DataError(f"{path} cannot be gone on from: {told[:200]}", _HINT) from None
    return True


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is no number")
