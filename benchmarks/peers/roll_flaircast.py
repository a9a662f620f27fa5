"""flaircast from several origins: roll_flaircast.py GIVEN.npz MADE.npz."""

import sys

import numpy as np
from flaircast import forecast

with np.load(sys.argv[1]) as given:
    histories = np.split(given["values"], np.cumsum(given["lengths"])[:-1])
    seasons, horizon = given["seasons"], int(given["horizon"])
made = [forecast(y, horizon, freq="h") for y in histories]
np.savez(sys.argv[2], flaircast=np.array([np.asarray(x) for x in made]))
