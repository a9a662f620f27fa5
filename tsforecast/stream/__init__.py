"""Endless series: a saved model that reads row after row, forecasts after each, and adapts its intervals."""
