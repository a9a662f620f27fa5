"""statsforecast's dynamic optimised Theta and automatic ETS: run_statsforecast.py GIVEN.npz MADE.npz."""

import sys
import time
import warnings

import numpy as np
from statsforecast.models import AutoETS, AutoTheta

warnings.simplefilter("ignore")
with np.load(sys.argv[1]) as given:
    histories = np.split(given["values"], np.cumsum(given["lengths"])[:-1])
    season_length, horizon = int(given["season_length"]), int(given["horizon"])
made = {}
# its ETS takes no season longer than 24
ets_season = season_length if season_length <= 24 else 1
for name, model in (
    ("theta", AutoTheta(season_length=season_length, model="DOTM")),
    ("ets", AutoETS(season_length=ets_season)),
):
    began = time.process_time()
    made[name] = np.array([model.forecast(y=y, h=horizon)["mean"] for y in histories])
    print(f"statsforecast {name}: {time.process_time() - began:.1f} s of processor", flush=True)
np.savez(sys.argv[2], **made)
