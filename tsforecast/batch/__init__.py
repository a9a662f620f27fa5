"""Thousands of series: cut into pieces that are keyed by what they are made of, each finished once and for all."""
