# One image, two commands: `parley serve --no-worker` (the default) and `parley work`.
FROM python:3.12-slim AS build
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/parley \
 && /opt/parley/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY o2c_core o2c_core
COPY bot bot
COPY channels channels
COPY knowledge knowledge
COPY web web
COPY app app
RUN /opt/parley/bin/pip install --no-cache-dir --disable-pip-version-check "setuptools>=80" \
 && /opt/parley/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation .

FROM python:3.12-slim
RUN useradd --system --create-home --home-dir /var/lib/parley --uid 10001 parley
COPY --from=build /opt/parley /opt/parley
ENV PATH=/opt/parley/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PARLEY_HOST=0.0.0.0 \
    PARLEY_PORT=8000 \
    PARLEY_DATA=/var/lib/parley/data
USER parley
WORKDIR /var/lib/parley
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["parley"]
CMD ["serve", "--no-worker"]
