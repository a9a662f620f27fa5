"""What reading records can be replayed: the ledger gives the same panel again, whatever shape the file had."""

from __future__ import annotations

from pathlib import Path

import pytest

from tsforecast.config import PrepareConfig, ReadConfig
from tsforecast.io import read
from tsforecast.preparation.preparing import prepare
from tsforecast.preparation.replay import replay

TEXTS = {
    "turned": "Place,1990,1991,1992,1993\nA,1,2,x,4\nB,4,y,6,8\n",
    "short rows": "t,a,b\n2020-01-01,1,2\n2020-01-02,3\n2020-01-03,3,4\n2020-01-04,3,4\n",
    "comments and a footer": "# c\nt,a\n2020-01-01,1\n2020-01-02,x\n# d\n2020-01-03,3\n2020-01-04,3\nTotal,7\n",
    "units": "t,a\n2020-01-01,1 W\n2020-01-02,1.5 kW\n2020-01-03,?\n2020-01-04,3 W\n",
}


@pytest.mark.parametrize("shape", TEXTS)
def test_the_ledger_makes_the_panel_again(tmp_path: Path, shape: str):
    path = tmp_path / "x.csv"
    path.write_text(TEXTS[shape])
    table = read(path, ReadConfig())
    prepared = prepare(table, PrepareConfig(impute="linear"))
    assert replay(table, prepared.ledger).frame.equals(prepared.filled.frame)
