"""The pretrained network: what it sees of a series, and how it runs, in training and in forecasting alike."""
