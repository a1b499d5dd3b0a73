# tt_pipeline with `tt` as its command; docs/container.md shows how to run it.
# `make lint` checks this file. CI has no Docker, so the image is not built there.
# EXTRAS=[distributed] adds what deploy/compose.yaml needs.
FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY tt_pipeline tt_pipeline
ARG EXTRAS=""
RUN python -m venv /opt/tt \
    && /opt/tt/bin/pip install --no-cache-dir --disable-pip-version-check --constraint requirements.lock ".${EXTRAS}"

FROM python:3.13-slim
RUN useradd --uid 1000 --create-home tt && install --directory --owner=tt --mode=0700 /project /project/data /dagster
COPY --from=build /opt/tt /opt/tt
ENV PATH=/opt/tt/bin:$PATH PYTHONUNBUFFERED=1
USER 1000
# `.env` is read here, and `data` is the data dir; mount both.
WORKDIR /project
ENTRYPOINT ["tt"]
CMD ["up"]
# Only `tt up` serves something. Other commands end before the first check, or are done when they end.
HEALTHCHECK --interval=1m --timeout=10s --start-period=2m \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:3000/server_info', timeout=5)"]
