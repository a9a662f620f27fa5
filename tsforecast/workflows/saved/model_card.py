"""The card of a saved model: what it is, what it was fitted on, how good it was, how new data will be read for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tsforecast.bundle import Bundle, load
from tsforecast.config import PrepareConfig, ReadConfig
from tsforecast.data.plain import plain
from tsforecast.errors import UsageError
from tsforecast.io.writing import stamp_texts
from tsforecast.models import registry
from tsforecast.workflows.saved.saving import prepare_config, read_config


@dataclass(frozen=True, eq=False)
class ModelCard:
    """What a saved model says of itself; everything in it was checked when it was loaded.

    Attributes:
        path, size: Of the file, bytes.
        bundle: What it holds.
        words: What the model does; "" where there is no model of its name here.
        last: Last stamp of each series it goes on from, as text, the latest.
        settings: Of reading and preparing, those that are not the usual ones.
    """

    path: str
    size: int
    bundle: Bundle
    words: str
    last: str
    settings: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values under the keys that docs/report.md lists."""
        manifest, calibration = self.bundle.manifest, self.bundle.calibration
        found: dict[str, Any] = plain(
            {
                "source": self.path,
                "bytes": self.size,
                "model": manifest.model,
                "written_by": manifest.tsforecast,
                "horizon": manifest.horizon,
                "freq": manifest.freq,
                "zone": manifest.schema.zone,
                "time": manifest.schema.time,
                "id": manifest.schema.id,
                "channels": manifest.channels,
                "joint": manifest.schema.joint,
                "seed": manifest.seed,
                "series": self.bundle.history.ids,
                "seasons": manifest.season_lengths,
                "bounds": manifest.bounds,
                "levels": calibration.levels,
                "transforms": (self.bundle.chain or {}).get("names", []),
                "training": manifest.training,
                "report": manifest.report,
                "history_rows": len(self.bundle.history),
                "history_end": self.last,
                "settings": self.settings,
            }
        )
        return found


def model_card(path: str) -> ModelCard:
    """The card of a saved model.

    Raises:
        NotReadableError: There is no such file.
        BundleError: It is damaged, newer than this program, or anything but what `save` writes.
    """
    bundle = load(path)
    try:
        words = registry.find(bundle.manifest.model).info.words
    except UsageError:  # of a package that is not installed here
        words = ""
    history = bundle.history
    ends = history.frame.groupby("unique_id", sort=False)["ds"].max()
    last = str(stamp_texts(ends, bundle.manifest.schema.zone, history.freq)[int(ends.to_numpy().argmax())])
    reading, preparing = read_config(bundle, ReadConfig()), prepare_config(bundle, PrepareConfig())
    usual = {**vars(ReadConfig()), **vars(PrepareConfig())}
    settings = {name: value for name, value in {**vars(reading), **vars(preparing)}.items() if value != usual[name]}
    return ModelCard(path, Path(path).stat().st_size, bundle, words, last, settings)
