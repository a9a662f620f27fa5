"""The story of a batch: what there is to read, which models serve, which pieces are left, and what came of all."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from tsforecast.batch import gathering, webpage
from tsforecast.batch.crew import Carrier, Crew, processors
from tsforecast.batch.gathering import Finished, Totals
from tsforecast.batch.inputs import Input, found, hashed, passed_over
from tsforecast.batch.job import FORMAT, Job, digest, versions
from tsforecast.batch.outdir import OPTION, OutputFolder
from tsforecast.batch.pieces import Piece, Plan, planned
from tsforecast.batch.provenance import manifest
from tsforecast.errors import NotReadableError, UsageError
from tsforecast.io.files import write_whole
from tsforecast.models.registry import AUTO, find

#: Pieces of one source, at most, that the sample is drawn from; each is read for it.
_SAMPLED_PIECES = 16

Tell = Callable[[str, Mapping[str, Any]], None]
"""Told the name of an event and what is to be said of it."""


@dataclass
class BatchRun:
    """A batch and its folder.

    Attributes:
        job: What is asked for.
        folder: Where everything goes.
        kind: Of the forecasts, "parquet" or "csv".
        tell: Told what happens.
        engine: What carries out the orders: given what each worker is told first and how many there may be.
    """

    job: Job
    folder: OutputFolder
    kind: str = "parquet"
    tell: Tell = field(default=lambda _name, _facts: None)
    engine: Callable[[dict[str, Any], int], Carrier] = Crew

    @property
    def workers(self) -> int:
        """Processes at once."""
        return self.job.batch.workers or processors()

    def run(self) -> Totals:
        """Do what is left of the job; the same command after any end of a run goes on where it was.

        Raises:
            UsageError: There is nothing to read, another run has the folder, or the settings contradict each other.
            NotReadableError: An input does not exist, or the folder cannot be written.
            StoppedError: The disk is full, or a package is missing.
            DataError: No series could be forecast.
        """
        with self.folder.locked():
            plan = self.planned(self.sources())
            self._set_aside(plan)
            lost = self._work(plan)
            return self._gathered(plan, lost)

    def sources(self) -> list[Input]:
        """All inputs with their hashes."""
        names = found(self.job.batch.input)
        self.tell("reading", {"sources": len(names), "passed_over": passed_over(self.job.batch.input)})
        sources = [hashed(name) for name in names]
        if all(source.problem for source in sources):
            raise NotReadableError(sources[0].problem, "check the path")
        return sources

    def planned(self, sources: Sequence[Input]) -> Plan:
        """The models and the pieces, after fitting the first where they are not there yet."""
        models, model_key = self._models(sources)
        shared = {step: said["sha256"] for step, said in models.items() if said["scope"] == "global"}
        identity = digest(shared)
        pieces = list(planned(sources, self.job, identity, "global" if shared or self._many_at_once else "local"))
        job_key = digest([piece.key for piece in pieces], [(s.name, s.sha256) for s in sources], self.kind)
        return Plan(sources, models, model_key, pieces, job_key)

    @property
    def _many_at_once(self) -> bool:
        asked = self.job.model.model
        return asked != AUTO and find(asked).info.scope == "local"

    def _models(self, sources: Sequence[Input]) -> tuple[Mapping[str, Mapping[str, Any]], str]:
        batch = self.job.batch
        if batch.saved is not None:
            return _given(batch.saved), ""
        if self._many_at_once and batch.scope == "global":
            raise UsageError(f"{self.job.model.model} learns each series by itself", "leave out --scope global")
        if batch.scope == "local" or self._many_at_once or self.job.read.joint:
            return {}, ""
        order = self._sample(sources)
        if not self.folder.is_finished(order["key"]):
            self.tell("fitting", {"series": self.job.batch.sample})
            for answer in self._crew({}, 1).carried_out([order]):
                if answer is None:
                    self.tell("tick", {})
                elif "failed" in answer:
                    self.tell("failed", {"what": "the model of all series", "why": answer["failed"]})
                    return {}, ""
        found: dict[str, Any] = json.loads(self.folder.truth_of(order["key"]).read_bytes())
        return found, str(order["key"])

    def _sample(self, sources: Sequence[Input]) -> dict[str, Any]:
        """The order for the models: pieces that are evenly spread, with a quota of series of each."""
        drawn: list[Piece] = []
        for _, own in groupby(planned(sources, self.job, "", "global"), key=lambda piece: piece.source):
            drawn += _spread(list(own), _SAMPLED_PIECES)
        drawn = _spread(drawn, self.job.batch.sample)
        quota = -(-self.job.batch.sample // max(1, len(drawn)))
        sample = [replace(piece, key="").to_dict() for piece in drawn]
        key = digest("models", FORMAT, versions(), self.job.to_dict(), sample, quota)
        return {"key": key, "sample": sample, "quota": quota}

    def _crew(self, models: Mapping[str, Any], size: int) -> Carrier:
        paths = {step: str(said.get("path") or self.folder.pieces / said["file"]) for step, said in models.items()}
        setting = {"job": self.job.to_dict(), "output": str(self.folder.path), "models": paths}
        return self.engine(setting, size)

    def _set_aside(self, plan: Plan) -> None:
        """Keep the status of the last run of another job, to say what changed; its commit mark goes."""
        try:
            old = json.loads(self.folder.manifest.read_bytes())
        except (OSError, ValueError):
            return
        if old.get("job") != plan.job_key:
            if self.folder.status.exists():
                write_whole(self.folder.path / "previous.jsonl", self.folder.status.read_bytes(), OPTION)
            self.folder.manifest.unlink()

    def _work(self, plan: Plan) -> dict[str, str]:
        """Do the pieces that are not there; why some could not be, by key."""
        left = [piece for piece in plan.pieces if not self.folder.is_finished(piece.key)]
        self.tell("planned", {"pieces": len(plan.pieces), "left": len(left), "models": plan.models})
        serving = {step: said for step, said in plan.models.items() if said["scope"] == "global"}
        crew = self._crew(serving, max(1, min(self.workers, len(left))))
        names = {piece.key: piece for piece in left}
        lost: dict[str, str] = {}
        done = len(plan.pieces) - len(left)
        began = time.monotonic()
        series = made = 0
        for answer in crew.carried_out({"key": piece.key, "piece": piece.to_dict()} for piece in left):
            if answer is not None:
                done, made = done + 1, made + 1
                series += answer.get("series", 0)
                if "failed" in answer:
                    lost[answer["key"]] = answer["failed"]
                    self.tell("failed", {"what": names[answer["key"]].source, "why": answer["failed"]})
                else:
                    self._timed(names[answer["key"]], answer)
            facts: dict[str, Any] = {"done": done, "made": made, "pieces": len(plan.pieces), "series": series}
            facts["seconds"] = round(time.monotonic() - began, 1)
            self.tell("tick" if answer is None else "piece", facts)
        return lost

    def _timed(self, piece: Piece, answer: Mapping[str, Any]) -> None:
        """Durations are no part of what comes out; they lie beside it."""
        entry = {"key": piece.key, "source": piece.source, **{k: v for k, v in answer.items() if k != "key"}}
        with self.folder.timings.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry) + "\n")

    def _gathered(self, plan: Plan, lost: Mapping[str, str]) -> Totals:
        self.tell("gathering", {"pieces": len(plan.pieces)})
        finished = list(_in_order(plan, lost))
        worst = webpage.Worst(f"{min(self.job.forecast.level):g}")
        totals, late = gathering.gather_status(self.folder, finished, self.job.prepare.max_stale, worst.add)
        names = gathering.gather_forecasts(self.folder, finished, late, self.kind, totals)
        write_whole(self.folder.report, webpage.page(plan, totals, worst), OPTION)
        write_whole(self.folder.manifest, manifest(plan, self.job, totals, names, self.kind, lost), OPTION)
        self.folder.keep_only({piece.key for piece in plan.pieces} | {plan.model_key})
        return totals


def _given(path: str) -> dict[str, dict[str, Any]]:
    """A saved model, which serves the series of its step."""
    from tsforecast.bundle import load

    bundle = load(path)
    said = {"scope": "global", "model": bundle.manifest.model, "path": path, "why": "it was given"}
    said["sha256"] = hashed(path).sha256
    return {str(bundle.manifest.freq): said}


def _spread(items: list[Piece], most: int) -> list[Piece]:
    """So many of them at most, evenly spread."""
    if len(items) <= most:
        return items
    return [items[i * (len(items) - 1) // max(1, most - 1)] for i in range(most)]


def _in_order(plan: Plan, lost: Mapping[str, str]) -> Iterator[Finished]:
    """All pieces in the order of their sources, with a row for each that could not be read or made."""
    of: dict[str, list[Piece]] = {}
    for piece in plan.pieces:
        of.setdefault(piece.source, []).append(piece)
    for source in plan.sources:
        if source.problem:
            yield Finished(source.name, "", (_row(source.name, source.problem),))
        for piece in of.get(source.name, []):
            why = lost.get(piece.key)
            yield Finished(source.name, piece.key, (_row(source.name, why),) if why else ())


def _row(source: str, reason: str) -> dict[str, Any]:
    from tsforecast.batch.truth import truth
    from tsforecast.data.status import SeriesStatus

    return {"source": source, **truth(SeriesStatus("", "", "left out", reason))}
