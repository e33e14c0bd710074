# NOT BUILT YET: no machine of ours has a container engine. hadolint finds nothing in it, and each of its steps was made
# by hand in a plain environment; that is not the same. Please tell what you find.
#
#   docker build --tag kimi-conformance .
#   docker run --rm kimi-conformance check
#   docker run --rm --publish 8080:8080 kimi-conformance serve --host 0.0.0.0
#   docker run --rm --volume "$PWD:/work" kimi-conformance judge traffic.har
#   docker run --rm --env MOONSHOT_API_KEY kimi-conformance verify --mode live
#
# A router of your own is started by the suite: derive an image that has what it needs, such as Node.
FROM python:3.13-slim-bookworm AS wheel
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY kimi_conformance kimi_conformance
COPY contracts contracts
COPY cassettes cassettes
COPY suites suites
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim-bookworm
RUN useradd --create-home --uid 10001 kimi
COPY --from=wheel /wheels /wheels
RUN python -m pip install --no-cache-dir "$(ls /wheels/*.whl)[pages]" && rm -r /wheels
USER 10001
WORKDIR /work
ENTRYPOINT ["kimi-conformance"]
CMD ["--help"]
