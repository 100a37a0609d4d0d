"""The paths of the service, on Flask. Every answer is JSON with one sentence if something is wrong, never a trace."""

from __future__ import annotations

import hmac
import logging
import time
import uuid
from typing import Any

import orjson
from flask import Flask, Response, g, jsonify, request

from .batching import StoppedError
from .page import PAGE
from .schema import Refusal, openapi, parse
from .service import Service

log = logging.getLogger("nnlab.serve")
MOST_BYTES, MOST_HEADER = 4_000_000, 16_384
SENTENCES = {
    400: "This is no request that can be understood.",
    404: "There is no such path: there are /, /predict, /health, /ready, /metrics and /openapi.json.",
    405: "This path does not take this method.",
    413: f"The body should have at most {MOST_BYTES:,} bytes.",
    431: f"The headers should have less than {MOST_HEADER:,} bytes.",
    501: "The only Transfer-Encoding is chunked.",
    503: "Too many requests are waiting: try again in a second.",
    505: "Ask in HTTP/1.1 or HTTP/1.0.",
}
POLICY = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"  # the page's
BUSY = "nnlab.busy"  # in the WSGI environment: the server's queue is full


def create_app(service: Service, token: str | None = None) -> Flask:
    """The WSGI application. token: what `Authorization: Bearer ...` must hold for /predict, /metrics and /rollback;
    None lets everyone in."""
    app = Flask("nnlab.serve", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.url_map.strict_slashes = True
    described = openapi(service.card, token is not None)

    def authorise() -> None:
        sent = request.headers.get("Authorization", "")
        if token is not None and not hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
            raise Refusal(401, "Send the header Authorization: Bearer, and the token.", {"WWW-Authenticate": "Bearer"})

    @app.post("/predict")
    def predict() -> Response:
        authorise()
        if request.mimetype != "application/json":
            raise Refusal(415, "Send the header Content-Type: application/json.")
        if "Content-Encoding" in request.headers:
            raise Refusal(415, "Send the body as it is, without Content-Encoding.")
        x = parse(request.get_data(cache=False), service.card)
        version = service.choose()
        g.version = version.name
        try:
            return Response(orjson.dumps(version.answer(x)), content_type="application/json")
        except StoppedError:
            raise Refusal(503, "The service is stopping.", {"Retry-After": "1"}) from None
        except TimeoutError:
            raise Refusal(504, "The answer took too long: try again later.") from None

    @app.get("/health")
    def health() -> Response:
        return jsonify(status="alive")

    @app.get("/ready")
    def ready() -> Response:
        if not service.ready:
            raise Refusal(503, "The service is stopping.", {"Retry-After": "1"})
        return jsonify(status="ready")

    @app.get("/metrics")
    def metrics() -> Response:
        authorise()
        return Response(service.metrics(), content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.post("/rollback")
    def rollback() -> Response:
        authorise()
        if service.canary is None:
            raise Refusal(409, "There is no second version to take out.")
        service.roll_back()
        log.warning("canary %s taken out by a request", service.canary.name)
        return jsonify(status=f"all requests go to version {service.main.name}")

    @app.get("/openapi.json")
    def description() -> Response:
        return jsonify(described)

    @app.get("/")
    def page() -> Response:
        found = Response(PAGE, content_type="text/html; charset=utf-8")
        found.headers["Content-Security-Policy"] = POLICY
        return found

    @app.before_request
    def start() -> None:
        g.start, g.version = time.perf_counter(), ""
        if BUSY in request.environ:
            raise Refusal(503, SENTENCES[503], {"Retry-After": "1"})

    @app.after_request
    def finish(response: Response) -> Response:
        service.meters.requests.labels(response.status_code, g.version).inc()
        if request.path == "/predict":
            service.meters.seconds.labels(g.version).observe(time.perf_counter() - g.start)
        return response

    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> tuple[Response, int, dict[str, str]]:
        return jsonify(error=error.sentence), error.status, error.headers

    def http_error(error: Any) -> tuple[Response, int, Any]:
        allow = [(name, value) for name, value in error.get_headers() if name == "Allow"]
        return jsonify(error=SENTENCES[error.code]), error.code, allow

    for code in SENTENCES:
        app.register_error_handler(code, http_error)

    @app.errorhandler(Exception)
    def failed(error: Exception) -> tuple[Response, int]:
        """What failed stands in the log, under the id that the client gets."""
        name = uuid.uuid4().hex[:12]
        log.error("request %s failed", name, exc_info=error)
        return jsonify(error=f"The model failed. Tell the operator this id: {name}."), 500

    return app
