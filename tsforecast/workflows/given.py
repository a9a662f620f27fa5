"""What Python hands over, in whatever form: a file, a frame, a table, or what is on its grid already."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tsforecast.config import PrepareConfig, ReadConfig
from tsforecast.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from tsforecast.data.panel import Panel, Table
    from tsforecast.preparation import Prepared

    Data: TypeAlias = str | Path | pd.DataFrame | Table | Prepared | Panel
    """A file, a frame, or what `read` and `prepare` made of one."""


def as_table(data: Data, reading: ReadConfig, *, beside: bool = False) -> Table:
    """A file as read, or a frame as it would be read from one; `beside`: with the columns that are no target.

    Raises:
        UsageError: It is no data, or on its grid already.
    """
    import pandas as pd

    from tsforecast import io
    from tsforecast.data.panel import Panel, Table

    if isinstance(data, (str, Path)):
        return io.read(data, reading, beside=beside)
    if isinstance(data, pd.DataFrame):
        return io.from_frame(data, reading, beside=beside)
    if isinstance(data, Panel):
        raise UsageError("a panel is on its grid already", "hand it to fit, forecast or backtest as it is")
    if isinstance(data, Table):
        return data
    raise UsageError(
        f"data must be a file, a DataFrame, a Table, a Prepared or a Panel, received {type(data).__name__}"
    )


def regular_of(data: Data, reading: ReadConfig, preparing: PrepareConfig) -> Prepared | Panel:
    """The data on a regular grid."""
    from tsforecast.data.panel import Panel
    from tsforecast.preparation import Prepared, with_filling
    from tsforecast.preparation import prepare as prepare_table

    if isinstance(data, Panel):
        return with_filling(data, preparing)
    if isinstance(data, Prepared):
        return data
    return prepare_table(as_table(data, reading, beside=True), preparing)


def joined(
    data: Prepared | Panel,
    future: str | Path | pd.DataFrame | None,
    reading: ReadConfig,
    unused: Collection[str] = (),
) -> Prepared | Panel:
    """The data with what is known ahead."""
    from tsforecast.data.panel import Panel
    from tsforecast.workflows.future import with_future

    if future is None:
        return data
    if isinstance(data, Panel):
        return with_future(data, future, reading, unused=unused)[0]
    table = data.table
    return replace(data, panel=with_future(data.panel, future, table.reading, table.facts["dayfirst"], unused)[0])
