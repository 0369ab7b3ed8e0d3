# The server as an image: built with Node and a compiler around, run without either and not as root.
FROM node:22-bookworm-slim AS front
WORKDIR /src
COPY . .
RUN mkdir -p designer/static/dist && if [ -f designer/package.json ]; then cd designer && npm ci && npm run build; fi

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/passerelle && /opt/passerelle/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY --from=front /src ./
RUN /opt/passerelle/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN useradd --system --create-home --home-dir /var/lib/passerelle passerelle
COPY --from=build /opt/passerelle /opt/passerelle
ENV PATH=/opt/passerelle/bin:$PATH PASSERELLE_HOST=0.0.0.0 PASSERELLE_PORT=8080 PASSERELLE_VAR=/var/lib/passerelle
USER passerelle
WORKDIR /var/lib/passerelle
VOLUME /var/lib/passerelle
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/health/ready')"]
CMD ["passerelle", "serve"]
