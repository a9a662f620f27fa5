"""A worker process: takes its orders from stdin, one JSON object a line, and answers each with a line on stdout.

The first line says what the job is. What it makes it puts into the output folder itself, so that an answer is small
and a worker may die at any moment. Where the one who gives the orders is gone, it goes, too, in the middle of its work.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import resource
import signal
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import IO, Any

from tsforecast.errors import TsforecastError


def main() -> None:
    """Work until there are no more orders."""
    answers = _own_stream()
    orders: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    first = orders.get()
    if first is None:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bench = Bench(json.loads(first))
        while (order := orders.get()) is not None:
            answers.write(json.dumps(bench.answer(json.loads(order))) + "\n")
            answers.flush()


def _own_stream() -> IO[str]:
    """Where the answers go; whatever else is printed goes nowhere."""
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        if not os.environ.get("TSFORECAST_VERBOSE"):
            os.dup2(nowhere.fileno(), 2)
    # An interruption of the terminal is for the one who gives the orders.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return stream


def _listen(orders: queue.Queue[str | None]) -> None:
    """Hand on the orders; where the giver is gone while one is under way, nobody wants it any more."""
    for line in sys.stdin:
        orders.put(line)
    orders.put(None)
    time.sleep(1)  # for an end in good order
    with contextlib.suppress(OSError):
        os.kill(os.getpid(), signal.SIGKILL)


def peak() -> int:
    """Bytes of memory that this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


class Bench:
    """Where orders are carried out.

    Args:
        setting: `job`, the folder `output`, and by step the paths of the `models`.
    """

    def __init__(self, setting: dict[str, Any]) -> None:
        from tsforecast.batch.job import Job
        from tsforecast.batch.outdir import OutputFolder

        self._job = Job.from_dict(setting["job"])
        self._folder = OutputFolder(setting["output"])
        self._models: dict[str, str] = setting.get("models", {})
        self._worker: Any = None

    def answer(self, order: dict[str, Any]) -> dict[str, Any]:
        """What became of an order: what was made, `failed` where it might succeed another time, or `fatal`."""
        began = time.perf_counter()
        try:
            made = self._models_made(order) if "sample" in order else self._piece_made(order)
        except MemoryError:
            return {"key": order["key"], "failed": "there was not enough memory"}
        except TsforecastError as error:
            told = {"code": int(error.exit_code), "message": error.message, "hint": error.hint}
            return {"key": order["key"], "fatal": told}
        return {"key": order["key"], "seconds": round(time.perf_counter() - began, 4), "peak": peak(), **made}

    def _piece_made(self, order: dict[str, Any]) -> dict[str, Any]:
        from tsforecast.batch.pieces import Piece
        from tsforecast.batch.piecework import Pieceworker
        from tsforecast.bundle import load

        if self._worker is None:
            bundles = {step: load(Path(path)) for step, path in self._models.items()}
            self._worker = Pieceworker(self._job, bundles)
        piece = Piece.from_dict(order["piece"])
        forecasts, rows = self._worker.done(piece)
        for row in rows:
            row["source"] = piece.source
        self._folder.finish(piece.key, forecasts, rows)
        return {"series": len(rows), "left_out": sum(row["state"] == "left out" for row in rows)}

    def _models_made(self, order: dict[str, Any]) -> dict[str, Any]:
        from tsforecast.batch.shared import fit_for_all

        return fit_for_all(order, self._job, self._folder)
