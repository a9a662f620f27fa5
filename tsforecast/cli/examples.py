"""Examples of each verb, for its help and the man page: what is typed, and what it does."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "forecast": (
        ("tsforecast forecast sales.csv", "one season ahead, with 80 % and 95 % intervals"),
        (
            "tsforecast forecast sales.csv -H 14 -o next.xlsx --plot next.png",
            "two weeks, into Excel, and a picture",
        ),
        ("tsforecast forecast shops.csv --id-col shop --target-col sold", "each shop of a long file"),
        ("tsforecast forecast load.csv -H 2d --zone Europe/Paris", "local times, two days"),
        ("curl -s URL | tsforecast forecast - --require-skill | next", "in a pipeline; exit 6 where it has no skill"),
    ),
    "fit": (
        ("tsforecast fit sales.csv -H 14 -o model.tsf", "train, judge, save"),
        (
            "tsforecast fit shops.csv --id-col shop -o model.tsf --status status.jsonl",
            "many series",
        ),
    ),
    "predict": (
        ("tsforecast predict model.tsf", "go on from the end of training"),
        ("tsforecast predict model.tsf newest.csv -o next.csv", "from newer rows, read as the training data were"),
        ("tail -n 500 log.csv | tsforecast predict model.tsf - -H 6h", "from a pipe, six hours ahead"),
    ),
    "stream": (("tail -f log.csv | tsforecast stream model.tsf", "a forecast for each row that comes"),),
    "update": (
        (
            "tsforecast update model.tsf newer.csv -o model.tsf",
            "train on; not written where it is no better",
        ),
        ("tsforecast update model.tsf newer.csv -o other.tsf --force", "write it all the same"),
    ),
    "compress": (
        (
            "tsforecast compress model.tsf sales.csv -o small.tsf --quantize fp16",
            "half the size, nearly the same numbers",
        ),
        (
            "tsforecast compress model.tsf sales.csv -o small.tsf --prune 0.5",
            "half the units; exit 6 where that costs skill",
        ),
    ),
    "backtest": (
        ("tsforecast backtest sales.csv -H 14 -w 10", "ten cutoffs in the past, every candidate"),
        ("tsforecast backtest sales.csv -H 14 --plot steps.png", "the error by step, drawn"),
    ),
    "batch": (("tsforecast batch shops/ --output-dir out", "thousands of series; goes on where it was stopped"),),
    "replay": (("tsforecast replay out/manifest.json", "a batch again; exit 6 where its numbers are others"),),
    "score": (("tsforecast score next.csv sales.csv --history scores.csv", "what came against what was forecast"),),
    "prepare": (
        (
            "tsforecast prepare raw.csv -o clean.parquet --ledger changes.jsonl",
            "repaired, each change on record",
        ),
        ("tsforecast prepare raw.csv --impute none --freq 15min --agg mean", "a regular grid, gaps left open"),
    ),
    "inspect": (
        ("tsforecast inspect raw.csv", "what it is, its seasons, what to watch"),
        ("tsforecast inspect raw.csv --html report.html", "as a page with pictures"),
        ("tsforecast inspect model.tsf", "the card of a saved model"),
    ),
    "embed": (("tsforecast embed laser.csv --delay 3 --dimension 4 -o vectors.csv", "delay vectors as a table"),),
    "plot": (
        ("tsforecast plot raw.csv", "in the terminal"),
        ("tsforecast forecast raw.csv | tsforecast plot - -o next.svg", "a forecast, into a picture"),
    ),
    "synth": (
        ("tsforecast synth", "what there is"),
        (
            "tsforecast synth lorenz -n 2000 --noise 0.05 | tsforecast inspect - --dynamics",
            "known truth",
        ),
    ),
    "models": (("tsforecast models", "what each is good for"),),
    "doctor": (("tsforecast doctor", "versions, devices, what is missing for what"),),
}
