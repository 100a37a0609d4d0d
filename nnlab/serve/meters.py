"""What `/metrics` shows, as Prometheus reads it. With several workers, each counts into files and any of them sums."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Meters:
    """Counters, histograms and gauges of one service.

    requests{code, version}, seconds{version}: the latency of `/predict`, by the version that answered ("" if none did).
    rows: of each batch that went through the model. answers{version, label}: what was predicted. drift{version, what}:
    the population stability index over the last answers, and drift_rows how many those are.
    """

    def __init__(self) -> None:
        self._shared = "PROMETHEUS_MULTIPROC_DIR" in os.environ
        self._registry = CollectorRegistry()
        mine = None if self._shared else self._registry
        self.requests = Counter("nnlab_requests", "Answers by code", ["code", "version"], registry=mine)
        self.seconds = Histogram(
            "nnlab_request_seconds", "From the request to its answer", ["version"], buckets=SECONDS, registry=mine
        )
        self.rows = Histogram("nnlab_batch_rows", "Examples in one call of the model", buckets=ROWS, registry=mine)
        self.answers = Counter("nnlab_answers", "Predicted labels", ["version", "label"], registry=mine)
        self.drift = Gauge(
            "nnlab_drift",
            "Population stability index of the last answers against the reference",
            ["version", "what"],
            registry=mine,
            multiprocess_mode="livemax",
        )
        self.drift_rows = Gauge(
            "nnlab_drift_rows",
            "Answers that the index is of",
            ["version"],
            registry=mine,
            multiprocess_mode="livemax",
        )

    def text(self) -> bytes:
        """In Prometheus' text format, over all workers."""
        registry = self._registry
        if self._shared:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
        return generate_latest(registry)
