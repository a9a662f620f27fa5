# docker build -t tsforecast .                       everything: forecast, fit, predict, ...
# docker build --target serve -t tsforecast-serve .  predicts and prepares; no TensorFlow
# docker run -v "$PWD:/data" tsforecast forecast /data/x.csv --horizon 24
ARG PYTHON_VERSION=3.13
FROM python:${PYTHON_VERSION}-slim AS base
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/opt/tsforecast/bin:$PATH
RUN python -m venv /opt/tsforecast && useradd --create-home --uid 1000 forecaster

# The pinned packages change seldom, the source often: the first come in a layer of their own.
FROM base AS packages
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY docs/tsforecast.1 docs/
RUN mkdir tsforecast && touch tsforecast/__init__.py && pip install -c constraints.txt '.[zstd,excel]'

FROM packages AS build-serve
COPY tsforecast tsforecast
# The packages' own tests are a quarter of the image and nothing needs them.
RUN pip install --no-deps --force-reinstall . && find /opt/tsforecast -type d -name tests -prune -exec rm -r {} +

FROM packages AS build-train
RUN pip install -c constraints.txt '.[zstd,excel,prepare,train-cpu]'
COPY tsforecast tsforecast
RUN pip install --no-deps --force-reinstall .

FROM base AS serve
COPY --from=build-serve /opt/tsforecast /opt/tsforecast
USER forecaster
WORKDIR /data
ENTRYPOINT ["tsforecast"]

FROM base AS train
COPY --from=build-train /opt/tsforecast /opt/tsforecast
USER forecaster
WORKDIR /data
ENTRYPOINT ["tsforecast"]
