"""darts' BlockRNN (an LSTM), a week of context, ten epochs: run_darts.py HISTORY.csv HORIZON; writes a yhat a line."""

import sys

import pandas as pd
from darts import TimeSeries
from darts.dataprocessing.transformers import Scaler
from darts.models import BlockRNNModel

history = pd.read_csv(sys.argv[1], parse_dates=["ds"])
horizon = int(sys.argv[2])
scaler = Scaler()
series = scaler.fit_transform(TimeSeries.from_dataframe(history, "ds", "y", freq="h")).astype("float32")
model = BlockRNNModel(
    input_chunk_length=7 * 24,
    output_chunk_length=horizon,
    model="LSTM",
    n_epochs=10,
    random_state=1,
    pl_trainer_kwargs={"enable_progress_bar": False, "logger": False, "enable_checkpointing": False},
)
model.fit(series)
print(*scaler.inverse_transform(model.predict(horizon)).values().ravel(), sep="\n")
