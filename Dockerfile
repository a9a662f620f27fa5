# docker build -t tsforecast .                       everything: forecast, fit, predict, batch, ...
# docker build --target serve -t tsforecast-serve .  predicts, prepares, streams, and batches with models that need no TensorFlow
# docker run --read-only --tmpfs /tmp -v "$PWD:/data" tsforecast forecast /data/x.csv --horizon 24
# linux/amd64 and linux/arm64 alike; docs/docker.md
ARG PYTHON_VERSION=3.13.5
FROM python:${PYTHON_VERSION}-slim AS base
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/opt/tsforecast/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 MPLCONFIGDIR=/opt/matplotlib MPLBACKEND=agg HOME=/tmp
RUN python -m venv /opt/tsforecast && useradd --no-create-home --home-dir /tmp --uid 1000 forecaster

# The pinned packages change seldom, the source often: the first come in a layer of their own.
FROM base AS packages
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY docs/tsforecast.1 docs/
RUN mkdir tsforecast && touch tsforecast/__init__.py && pip install -c constraints.txt '.[zstd,excel,remote]'

FROM packages AS build-serve
COPY tsforecast tsforecast
# The packages' own tests are a quarter of the image and nothing needs them. Fonts are looked for now: at run time nothing is written.
RUN pip install --no-deps --force-reinstall . && find /opt/tsforecast -type d -name tests -prune -exec rm -r {} + \
    && PYTHONDONTWRITEBYTECODE= python -m compileall -q /opt/tsforecast && python -c 'import matplotlib.font_manager'

FROM packages AS build-train
RUN pip install -c constraints.txt '.[zstd,excel,remote,prepare,train-cpu]'
COPY tsforecast tsforecast
RUN pip install --no-deps --force-reinstall . \
    && PYTHONDONTWRITEBYTECODE= python -m compileall -q /opt/tsforecast && python -c 'import matplotlib.font_manager'

FROM base AS serve
COPY --from=build-serve /opt/tsforecast /opt/tsforecast
COPY --from=build-serve /opt/matplotlib /opt/matplotlib
USER forecaster
WORKDIR /data
HEALTHCHECK --interval=5m --timeout=30s CMD ["tsforecast", "--version"]
ENTRYPOINT ["tsforecast"]

FROM base AS train
COPY --from=build-train /opt/tsforecast /opt/tsforecast
COPY --from=build-train /opt/matplotlib /opt/matplotlib
USER forecaster
WORKDIR /data
HEALTHCHECK --interval=5m --timeout=30s CMD ["tsforecast", "--version"]
ENTRYPOINT ["tsforecast"]
