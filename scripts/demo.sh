#!/bin/sh
# Sets everything up and runs the main job on a sample: reads, repairs, trains, forecasts and draws into demo/.
set -eu
cd "$(dirname "$0")/.."
scripts/environment.sh train
unset PYTHONDONTWRITEBYTECODE
mkdir -p demo
echo '$ tsforecast forecast sample_data/nyc_taxi.csv --horizon 96 --plot demo/forecast.png -o demo/forecast.csv' >&2
.venv/bin/tsforecast forecast sample_data/nyc_taxi.csv --horizon 96 --plot demo/forecast.png -o demo/forecast.csv
.venv/bin/tsforecast plot demo/forecast.csv >&2
head -n 5 demo/forecast.csv
echo "The forecast is in demo/forecast.csv, its picture in demo/forecast.png." >&2
