# The server on Debian 13: docker build -t sconce . && docker run -p 8080:8080 -e SCONCE_KEY=… -v $PWD/run1:/runs/run1:ro sconce /runs/run1
FROM debian:13-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
        bash ca-certificates curl git g++ cmake make libicu76 libtorch-dev libdnnl-dev libopenblas0-openmp libturbojpeg0 \
    && rm -rf /var/lib/apt/lists/*
RUN curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0 --install-dir /usr/share/dotnet \
    && ln -s /usr/share/dotnet/dotnet /usr/local/bin/dotnet
WORKDIR /source
COPY . .
RUN eng/publish-server.sh /opt/sconce

# No compiler here: the native part was built above for the very libtorch that this stage installs.
FROM debian:13-slim
RUN apt-get update && apt-get install -y --no-install-recommends \
        ca-certificates libtorch2.6 libdnnl3.6 libopenblas0-openmp libturbojpeg0 ffmpeg \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /var/lib/sconce sconce
COPY --from=build /opt/sconce /opt/sconce
ENV SCONCE_NATIVE=/opt/sconce/libsconce_torch.so
USER sconce
WORKDIR /var/lib/sconce
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/sconce/sconce", "serve", "--listen", "0.0.0.0"]
