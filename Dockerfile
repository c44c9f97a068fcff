# One target per image: source-controller, kustomize-controller, helm-controller, image-controller,
# cli, and for docker-compose.yml dev-apiserver, git-server and registry.
#
#   docker build --target source-controller -t sluice/source-controller .
#
# Build arguments:
#   BASE_IMAGE  Debian 12; where no image registry is reachable, tools/base-image makes one
#   ROOTS       "build" compiles here; "prebuilt" takes what tools/image-root has put into build/image
# Needs BuildKit, which leaves out what a target does not need.
# SPDX-License-Identifier: Apache-2.0
ARG BASE_IMAGE=debian:12-slim
ARG ROOTS=build

FROM ${BASE_IMAGE} AS build
WORKDIR /src
COPY tools/setup tools/setup
RUN tools/setup build run registry
COPY . .
RUN cmake --preset release && cmake --build --preset release --target source-controller \
    kustomize-controller helm-controller image-controller sluice dev-apiserver git-server && \
    tools/image-root

FROM scratch AS prebuilt
COPY build/image /src/build/image

FROM ${ROOTS} AS roots

# Nothing is written but to these folders and /tmp: the root file system can be read-only.
FROM ${BASE_IMAGE} AS base
RUN install -d -o 65534 -g 65534 /data /kube
USER 65534:65534

FROM base AS source-controller
COPY --from=roots /src/build/image/source-controller/ /
EXPOSE 9090 9393 8080 9440
ENTRYPOINT ["source-controller"]

FROM base AS kustomize-controller
COPY --from=roots /src/build/image/kustomize-controller/ /
EXPOSE 9393 8080 9440
ENTRYPOINT ["kustomize-controller"]

FROM base AS helm-controller
COPY --from=roots /src/build/image/helm-controller/ /
EXPOSE 9393 8080 9440
ENTRYPOINT ["helm-controller"]

FROM base AS image-controller
COPY --from=roots /src/build/image/image-controller/ /
EXPOSE 9393 8080 9440
ENTRYPOINT ["image-controller"]

FROM base AS cli
COPY --from=roots /src/build/image/cli/ /
ENTRYPOINT ["sluice"]

FROM base AS dev-apiserver
COPY --from=roots /src/build/image/dev-apiserver/ /
COPY charts/sluice/crds /crds
EXPOSE 6443
ENTRYPOINT ["dev-apiserver"]

FROM base AS git-server
COPY --from=roots /src/build/image/git-server/ /
EXPOSE 8080
ENTRYPOINT ["git-server", "--root=/srv/git"]

FROM base AS registry
COPY --from=roots /src/build/image/docker-registry/ /
COPY samples/compose/registry.yaml /etc/registry.yaml
EXPOSE 5000
ENTRYPOINT ["docker-registry", "serve", "/etc/registry.yaml"]
