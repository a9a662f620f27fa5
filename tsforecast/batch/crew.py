"""The workers of a batch: processes of their own, each with its share of the processors, replaced where one dies."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from tsforecast.errors import ExitCode, TsforecastError

#: Threads of the libraries that compute, by the variables that they read when they are first imported.
_THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
#: Seconds that a worker has for its end; within ten, a terminated batch is gone.
_PATIENCE = 4
#: Times that an order is given again after the worker that had it died.
_RETRIES = 1
_START = "from tsforecast.batch.hand import main; main()"


class StoppedError(TsforecastError):
    """A worker found that nothing more can be done: a full disk, a package that is missing.

    Args:
        told: `code`, `message` and `hint` of the error.
    """

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(str(told["message"]), str(told["hint"]))
        self.exit_code = ExitCode(told["code"])


def processors() -> int:
    """Processors that this process may use: of its affinity, and of the quota of its container (cgroups 1 and 2)."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quotas = [allowed]
    with contextlib.suppress(OSError, ValueError, IndexError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="utf-8").split()
        if quota != "max":
            quotas.append(-(-int(quota) // int(period)))
    with contextlib.suppress(OSError, ValueError):
        of = Path("/sys/fs/cgroup/cpu")
        quota, period = ((of / f"cpu.cfs_{name}_us").read_text(encoding="utf-8") for name in ("quota", "period"))
        if int(quota) > 0:
            quotas.append(-(-int(quota) // int(period)))
    return max(1, min(quotas))


class Carrier(Protocol):
    """What carries out orders: processes here, this very process, or another machine's."""

    def carried_out(self, orders: Iterable[dict[str, Any]], tick: float = 1.0) -> Iterator[dict[str, Any] | None]:
        """The answers as they come; None now and then while there is none.

        Raises:
            StoppedError: Nothing more can be done.
        """
        ...


@dataclass
class Inline:
    """Carries out orders in this process, one after the other.

    Attributes:
        setting: What a worker is told first: see `hand.Bench`.
        size: Not heeded; there is one.
    """

    setting: dict[str, Any]
    size: int = 1

    def carried_out(self, orders: Iterable[dict[str, Any]], tick: float = 1.0) -> Iterator[dict[str, Any] | None]:  # noqa: ARG002
        """See `Carrier.carried_out`."""
        from tsforecast.batch.hand import Bench

        bench = Bench(self.setting)
        for order in orders:
            yield checked(bench.answer(order))


def checked(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer that lets the others go on.

    Raises:
        StoppedError: It does not.
    """
    if "fatal" in answer:
        raise StoppedError(answer["fatal"])
    return answer


@dataclass
class _Worker:
    process: subprocess.Popen[str]
    order: dict[str, Any] | None = None

    @property
    def orders(self) -> IO[str]:
        assert self.process.stdin is not None
        return self.process.stdin

    @property
    def answers(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout


@dataclass
class Crew:
    """Carries out orders, in any order, by workers that are started when there is something to do.

    Attributes:
        setting: What each worker is told first: see `hand.Bench`.
        size: Workers, at most.
    """

    setting: dict[str, Any]
    size: int
    _workers: list[_Worker] = field(default_factory=list)
    _tried: dict[str, int] = field(default_factory=dict)

    def carried_out(self, orders: Iterable[dict[str, Any]], tick: float = 1.0) -> Iterator[dict[str, Any] | None]:
        """The answers as they come; None each time so many seconds went by without one.

        A worker that dies costs its order a second try; then the order has failed, and the others go on.

        Raises:
            StoppedError: A worker cannot go on, and no other could.
        """
        left = iter(orders)
        again: deque[dict[str, Any]] = deque()
        with selectors.DefaultSelector() as selector, self:
            while True:
                self._give(left, again, selector)
                if not any(worker.order for worker in self._workers):
                    return
                ready = selector.select(tick)
                if not ready:
                    yield None
                for key, _ in ready:
                    answer = self._heard(key.data, again, selector)
                    if answer is not None:
                        yield checked(answer)

    def _give(self, left: Iterator[dict[str, Any]], again: deque[dict[str, Any]], selector: Any) -> None:
        while True:
            idle = next((worker for worker in self._workers if worker.order is None), None)
            if idle is None and len(self._workers) >= self.size:
                return
            order = again.popleft() if again else next(left, None)
            if order is None:
                return
            if idle is None:
                idle = self._started()
                selector.register(idle.answers, selectors.EVENT_READ, idle)
            idle.order = order
            with contextlib.suppress(OSError):  # its death is heard
                idle.orders.write(json.dumps(order) + "\n")
                idle.orders.flush()

    def _started(self) -> _Worker:
        threads = str(max(1, processors() // self.size))
        # BLAS stays at one thread, as everywhere: another number of threads gives other last digits
        share = {name: os.environ.get(name, threads) for name in _THREADS} | {"TF_CPP_MIN_LOG_LEVEL": "3"}
        places = os.pathsep.join(dict.fromkeys(map(os.path.abspath, sys.path)))
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={
                **os.environ,
                "OPENBLAS_NUM_THREADS": os.environ.get("OPENBLAS_NUM_THREADS", "1"),
                **share,
                "PYTHONPATH": places,
            },
            text=True,
            encoding="utf-8",
        )
        worker = _Worker(process)
        self._workers.append(worker)
        with contextlib.suppress(OSError):
            worker.orders.write(json.dumps(self.setting) + "\n")
        return worker

    def _heard(self, worker: _Worker, again: deque[dict[str, Any]], selector: Any) -> dict[str, Any] | None:
        line = worker.answers.readline()
        order, worker.order = worker.order, None
        if line.endswith("\n"):
            answer: dict[str, Any] = json.loads(line)
            return answer
        selector.unregister(worker.answers)
        self._workers.remove(worker)
        code = _ended(worker, _PATIENCE)
        if order is None:
            return None
        tried = self._tried.get(order["key"], 0)
        self._tried[order["key"]] = tried + 1
        if tried < _RETRIES:
            again.append(order)
            return None
        told = f"was killed by signal {-code}, perhaps for want of memory" if code < 0 else f"ended with {code}"
        return {"key": order["key"], "failed": f"its process {told}, {tried + 1} times"}

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        """No worker outlives the crew."""
        for worker in self._workers:
            with contextlib.suppress(OSError):
                if worker.order is None:
                    worker.orders.close()
                else:
                    worker.process.terminate()
        deadline = time.monotonic() + _PATIENCE
        for worker in self._workers:
            _ended(worker, max(0.1, deadline - time.monotonic()))
        self._workers.clear()


def _ended(worker: _Worker, seconds: float) -> int:
    """The exit code of a worker that is about to end, which is made sure of."""
    try:
        code = worker.process.wait(seconds)
    except subprocess.TimeoutExpired:
        worker.process.kill()
        code = worker.process.wait()
    for stream in (worker.orders, worker.answers):
        with contextlib.suppress(OSError):
            stream.close()
    return code
