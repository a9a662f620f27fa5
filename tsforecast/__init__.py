"""tsforecast: honest time-series forecasts from the terminal."""
