# The base image is an argument, so that a release can name it by its digest:
# docker build --build-arg NODE_IMAGE=docker.io/library/node:24-bookworm-slim@sha256:… .
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

# The build stage installs the locked dependencies, compiles dist/, and removes what only development needs.
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY scripts/node-version.mjs scripts/node-version.mjs
# The Node of the image is there already: no script needs to fetch another.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY src src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM ${NODE_IMAGE}
ARG NODE_IMAGE
ARG REVISION=""
LABEL org.opencontainers.image.title="atlas-private-endpoint-exporter" \
      org.opencontainers.image.description="Prometheus exporter for MongoDB Atlas private endpoints" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.base.name="${NODE_IMAGE}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production EXPORTER_REVISION="${REVISION}" MALLOC_ARENA_MAX=1 \
    MALLOC_MMAP_THRESHOLD_=65536 MALLOC_TRIM_THRESHOLD_=131072
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/package.json package.json
COPY LICENSE ./
COPY docs/runbooks docs/runbooks
COPY config/exporter.example.yaml config/exporter.schema.json config/
# A state for trying it out; in earnest mount a volume and set state.path.
RUN mkdir data && chown 65532:65532 data
USER 65532:65532
EXPOSE 27900
STOPSIGNAL SIGTERM
# With TLS and below a route prefix too; who lets the exporter listen on another port gives it: `node dist/health-check.js 9000`.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["node", "dist/health-check.js"]
# Young garbage goes early, also while old garbage is looked for, the heap grows slowly, and malloc gives back what it can:
# less memory for some CPU. docs/performance.md has the figures.
# SIGUSR1 would open the debugger of Node on loopback, for every process of the pod.
ENTRYPOINT ["node", "--disable-sigusr1", "--max-semi-space-size=2", "--heap-growing-percent=50", "--no-separate-gc-phases", "dist/main.js"]
CMD ["run"]
