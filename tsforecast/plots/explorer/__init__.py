"""The page that explores: one HTML file with a forecast, its evidence and what draws them, fetched from nowhere.

`payload` says what the page holds, `packed` how numbers are written small, `document` puts it together. `assets/` has the
scripts and uPlot 1.6.32 (MIT), as the npm registry serves it; tests/plots/test_explorer.py holds its checksums.

uPlot was chosen among the libraries whose licence lets them be written into a page: it is 51 kB where ECharts and Plotly's
basic bundle are 1 MB each and Vega 0.8 MB, and draws 50,000 points at once.
"""
