"""The story of the program, one file a verb: fit, forecast, predict from a saved model, update, backtest."""
