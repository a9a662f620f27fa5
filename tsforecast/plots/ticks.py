"""Where to put ticks on an axis and what to write at them; shared by the terminal and the files."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tsforecast.data.panel import FloatArray

Stamps = npt.NDArray[Any]

# Steps of a date axis, smallest first: (numpy unit, how many).
CALENDAR_STEPS = (
    *((unit, n) for unit in ("us", "ms") for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(("s", n) for n in (1, 2, 5, 10, 15, 30)),
    *(("m", n) for n in (1, 2, 5, 10, 15, 30)),
    *(("h", n) for n in (1, 2, 3, 6, 12)),
    *(("D", n) for n in (1, 2, 4, 7, 14)),
    *(("M", n) for n in (1, 2, 3, 6)),
    *(("Y", n * 10**k) for k in range(4) for n in (1, 2, 5)),
)

#: Steps are looked for from a thousandth of the span on; below this they would not be normal numbers.
SMALLEST_SPAN = 1e4 * float(np.finfo("float64").tiny)


def numeric(ds: Stamps) -> FloatArray:
    """Stamps as float64: seconds since 1970 for dates, the number itself for integers `(time,)`."""
    if np.issubdtype(ds.dtype, np.datetime64):
        return ds.astype("datetime64[us]").astype("int64") / 1e6
    return ds.astype("float64")


def value_ticks(low: float, high: float, most: int) -> FloatArray:
    """Round numbers (1, 2 or 5 times a power of ten apart) within `[low, high]`, at most `most` of them, `(tick,)`.

    `low` alone where there are none, and where the span is so small that its tenths are no normal numbers.
    """
    # Python's own floats: numpy's warn of what is meant here, a span beyond the largest number.
    low, high = float(low), float(high)
    span = high - low
    if span == np.inf:
        return 10.0 * value_ticks(low / 10.0, high / 10.0, most)
    if not span > SMALLEST_SPAN or most < 1:
        return np.array([low])
    exponent = int(np.floor(np.log10(span))) - 2
    for power in range(exponent, exponent + 5):
        for lead in (1, 2, 5):
            # Powers of ten below 1 are not exact: dividing by the exact inverse gives 0.3, not 0.30000000000000004.
            first, last = _round_bounds(low, high, lead, power)
            if 1 <= last - first + 1 <= most:
                counts = np.arange(first, last + 1, dtype="float64") * lead
                return counts * 10.0**power if power >= 0 else counts / 10.0**-power
    return np.array([low])


def _round_bounds(low: float, high: float, lead: int, power: int) -> tuple[int, int]:
    step = lead * 10.0**power
    return int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))


def value_labels(ticks: FloatArray) -> list[str]:
    """Ticks as text: as many decimals as their distance needs, thousands set apart, powers of ten where shorter."""
    if len(ticks) == 0:
        return []
    largest = float(np.max(np.abs(ticks)))
    step = float(np.min(np.diff(ticks))) if len(ticks) > 1 else largest
    if largest == 0:
        return ["0"] * len(ticks)
    magnitude, finest = _exponent(largest), _exponent(step or largest)
    if finest >= -4 and magnitude < 7:
        decimals = max(0, -finest)
        if len(ticks) == 1:
            text = f"{ticks[0]:,.{max(0, 4 - magnitude)}f}"
            return [text.rstrip("0").rstrip(".") if "." in text else text]
        return [f"{value:,.{decimals}f}" for value in np.where(ticks == 0, 0.0, ticks)]
    # more than 15 digits a float64 does not tell apart
    digits = min(max(0, magnitude - finest), 15) if len(ticks) > 1 else 3
    return [_scientific(value, digits) if value else "0" for value in ticks]


def _exponent(value: float) -> int:
    """The decimal exponent of a positive number, forgiving the last bit (0.1 + 0.2 is of order -1)."""
    return int(np.floor(np.log10(value) + 1e-9))


def _scientific(value: float, digits: int) -> str:
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


def calendar_ticks(first: np.datetime64, last: np.datetime64, most: int) -> tuple[Stamps, str]:
    """Round stamps (midnights, Mondays, firsts of a month, ...) within `[first, last]`, and the unit between them.

    At most `most` of them, as many as possible; `first` alone where no round stamp lies within.
    """
    low, high = first.astype("datetime64[us]"), last.astype("datetime64[us]")
    for unit, count in CALENDAR_STEPS:
        # Years and months are counted from 1970; day counts from a Monday (1970-01-05), so that weeks begin there.
        width = None if unit in "MY" else np.array(1, dtype=f"timedelta64[{unit}]").astype("timedelta64[us]")[()]
        if width is not None and (high - low) / (width * count) > most + 1:
            continue
        origin = 4 if unit == "D" else 0
        start = int(low.astype(f"datetime64[{unit}]").astype("int64")) - origin
        end = int(high.astype(f"datetime64[{unit}]").astype("int64")) - origin
        if (end - start) / count > most + 1:
            continue
        rounds = np.arange(start // count * count, end + 1, count) + origin
        ticks = rounds.astype(f"datetime64[{unit}]").astype("datetime64[us]")
        ticks = ticks[(ticks >= low) & (ticks <= high)]
        if len(ticks) <= most:
            return (ticks, unit) if len(ticks) else (np.array([low]), "s")
    return np.array([low]), "s"


def calendar_labels(ticks: Stamps, unit: str) -> list[str]:
    """Stamps as short as their unit allows; the first one, and the first of each day or year, says where it is."""
    labels = []
    for i, tick in enumerate(ticks.astype("datetime64[us]")):
        text = str(tick)
        date, clock = text[:10], text[11:]
        if unit == "Y":
            labels.append(date[:4])
        elif unit == "M":
            labels.append(date[:7])
        elif unit == "D":
            new_year = i == 0 or date[:4] != str(ticks[i - 1])[:4]
            labels.append(date if new_year else date[5:])
        else:
            shortest = {"h": 5, "m": 5, "s": 8, "ms": 12, "us": 15}[unit]
            new_day = i == 0 or date != str(ticks[i - 1])[:10]
            day = date if i == 0 else date[5:]
            midnight = clock.startswith("00:00:00.000000")
            labels.append((day if midnight else f"{day} {clock[:shortest]}") if new_day else clock[:shortest])
    return labels


def stamp_texts(ds: Stamps) -> list[str]:
    """Stamps in full, without the parts that are zero in all of them: 2015-01-31, 2015-01-31 23:30, 1,200."""
    if not np.issubdtype(ds.dtype, np.datetime64):
        return [f"{int(stamp):,}" for stamp in ds]
    texts = [str(stamp).replace("T", " ") for stamp in ds.astype("datetime64[us]")]
    for tail in (".000000", ":00", " 00:00"):
        if not all(text.endswith(tail) for text in texts):
            break
        texts = [text.removesuffix(tail) for text in texts]
    return texts


def stamp_text(stamp: Any) -> str:
    """One stamp in full; see `stamp_texts`."""
    return stamp_texts(np.array([stamp]))[0]
