"""neuralforecast's LSTM, its defaults, a week of context: run_neuralforecast.py HISTORY.csv HORIZON; a yhat a line."""

import sys

import pandas as pd
from neuralforecast import NeuralForecast
from neuralforecast.models import LSTM

history = pd.read_csv(sys.argv[1], parse_dates=["ds"]).assign(unique_id="y")
horizon = int(sys.argv[2])
model = LSTM(h=horizon, input_size=7 * 24, enable_progress_bar=False, logger=False, enable_checkpointing=False)
forecaster = NeuralForecast(models=[model], freq="h")
forecaster.fit(df=history)
print(*forecaster.predict()["LSTM"], sep="\n")
