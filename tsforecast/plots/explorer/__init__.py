"""The page that explores: one HTML file with a forecast, its evidence and what draws them, fetched from nowhere.

`payload` says what the page holds, `packed` how numbers are written small, `document` puts it together. `assets/` has
the scripts and uPlot 1.6.32 (MIT), as the npm registry serves it; tests/plots/test_explorer.py holds its checksums.

uPlot was chosen among the libraries whose licence lets them be written into a page: it is 51 kB where ECharts, Plotly's
basic bundle and Vega are about 1 MB, which is all that a page of 50,000 points may weigh.
"""
