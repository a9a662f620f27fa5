"""Regression on what is known beside the targets, in front of every model."""
