"""The answers of the service, in this process: every path, every refusal, and a fuzzer that reads its description."""

import logging

import numpy as np
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode, checks

from nnlab.serve.app import BUSY, MOST_BYTES, create_app
from nnlab.serve.model import ServedModel
from nnlab.serve.service import Service

GOOD = {"input": [1, 2, 3]}


@pytest.fixture
def service(model):
    return Service(ServedModel(model))


@pytest.fixture
def client(service):
    return create_app(service).test_client()


def test_a_prediction(client, service):
    found = client.post("/predict", json=GOOD)
    p = np.exp([1, 2]) / np.exp([1, 2]).sum()
    assert found.status_code == 200 and found.json["prediction"] == ["b"]
    np.testing.assert_allclose(found.json["probabilities"], [p], atol=1e-6)
    assert found.json["model"] == {"name": "tiny", "version": "1", "sha256": service.main.model.sha256}
    batch = client.post("/predict", json={"input": [[1, 2, 3], [2, 1, 3]]}).json
    assert batch["prediction"] == ["b", "a"]


def test_the_other_paths(client):
    assert client.get("/health").json == {"status": "alive"} and client.get("/ready").json == {"status": "ready"}
    page = client.get("/")
    assert page.mimetype == "text/html" and b"<canvas" in page.data and "default-src 'self'" in str(page.headers)
    assert client.get("/openapi.json").json["info"] == {"title": "tiny", "version": "1", "description": ""}


@pytest.mark.parametrize(
    ("method", "path", "more", "status", "sentence"),
    [
        ("get", "/predict", {}, 405, "does not take this method"),
        ("put", "/health", {}, 405, "does not take this method"),
        ("get", "/predict/", {}, 404, "no such path"),
        ("get", "/../etc/passwd", {}, 404, "no such path"),
        ("post", "/predict", {"data": b"1,2"}, 415, "Content-Type: application/json"),
        ("post", "/predict", {"data": b"{", "content_type": "application/json"}, 400, "should be JSON"),
        ("post", "/predict", {"json": {"input": [1, 2]}}, 422, "a list of 3 entries"),
        ("post", "/predict", {"json": {"input": [1, 2, 11]}}, 422, "from -10 to 10"),
        ("post", "/predict", {"data": b" " * (MOST_BYTES + 1), "content_type": "application/json"}, 413, "bytes"),
        ("post", "/rollback", {}, 409, "no second version"),
        ("post", "/predict", {"json": GOOD, "environ_overrides": {BUSY: True}}, 503, "Too many requests"),
    ],
)
def test_refusals_are_one_sentence(client, method, path, more, status, sentence):
    found = getattr(client, method)(path, **more)
    assert found.status_code == status and set(found.json) == {"error"} and sentence in found.json["error"]
    assert found.json["error"].endswith(".") and "Traceback" not in found.text and "nnlab" not in found.text
    assert (found.headers.get("Retry-After") == "1") == (status == 503)


def test_a_failing_model_is_a_500_with_an_id_of_the_log(make, caplog):
    service = Service(ServedModel(make()))
    service.main.batcher._run = lambda x: 1 / 0
    with caplog.at_level(logging.ERROR, "nnlab.serve"):
        found = create_app(service).test_client().post("/predict", json=GOOD)
    name = found.json["error"].split()[-1].rstrip(".")
    assert found.status_code == 500 and "division" not in found.text and len(name) == 12
    assert name in caplog.text and "ZeroDivisionError" in caplog.text


def test_out_of_time_is_a_504(service):
    def slow(x):
        raise TimeoutError

    service.main.batcher.submit = slow
    found = create_app(service).test_client().post("/predict", json=GOOD)
    assert found.status_code == 504 and "took too long" in found.json["error"]


def test_a_stopping_service_says_so(service, client):
    service.close()
    assert client.get("/ready").status_code == 503 == client.post("/predict", json=GOOD).status_code
    assert client.get("/health").status_code == 200


def test_a_token_is_wanted(service):
    client = create_app(service, token="a-long-enough-secret").test_client()
    for sent in ({}, {"Authorization": "Bearer no"}, {"Authorization": "a-long-enough-secret"}):
        for found in (client.post("/predict", json=GOOD, headers=sent), client.get("/metrics", headers=sent)):
            assert found.status_code == 401 and found.headers["WWW-Authenticate"] == "Bearer"
    right = {"Authorization": "Bearer a-long-enough-secret"}
    assert client.post("/predict", json=GOOD, headers=right).status_code == 200
    assert client.get("/health").status_code == 200
    assert client.post("/predict", json=GOOD, headers={"Authorization": "Bearer ä"}).status_code == 401


def test_metrics_count(client):
    for _ in range(3):
        client.post("/predict", json=GOOD)
    client.post("/predict", json={})
    text = client.get("/metrics").text
    for line in (
        'nnlab_requests_total{code="200",version="1"} 3.0',
        'nnlab_requests_total{code="422",version=""} 1.0',
        'nnlab_request_seconds_count{version="1"} 3.0',
        "nnlab_batch_rows_count 3.0",
        'nnlab_answers_total{label="b",version="1"} 3.0',
        'nnlab_drift_rows{version="1"} 3.0',
        'nnlab_drift{version="1",what="feature 0"}',
    ):
        assert line in text, line


# ------------------------------------------------------------------------------------------------- two versions


def test_a_canary_gets_its_share_and_can_be_taken_out(make, tmp_path):
    flag = tmp_path / "flag"
    service = Service(ServedModel(make("1")), ServedModel(make("2")), 0.1, rolled_back=flag)
    client = create_app(service).test_client()

    def versions(n):
        return [client.post("/predict", json=GOOD).json["model"]["version"] for _ in range(n)]

    assert versions(50).count("2") == 5
    text = client.get("/metrics").text
    assert 'requests_total{code="200",version="2"} 5.0' in text and 'drift_rows{version="2"} 5.0' in text
    assert client.post("/rollback").json == {"status": "all requests go to version 1"}
    assert versions(20).count("2") == 0 and flag.exists()
    other = Service(ServedModel(make("1")), ServedModel(make("2")), 1.0, rolled_back=flag)
    assert other.choose() is other.main, "every worker sees the flag"


def test_two_versions_must_be_told_apart_and_fit(make):
    with pytest.raises(ValueError, match="Both models"):
        Service(ServedModel(make("1")), ServedModel(make("1")))
    bare = ServedModel(make("3", card=None))
    with pytest.raises(ValueError, match="same input"):
        Service(ServedModel(make("1")), bare)


# ------------------------------------------------------------------------------------------------- fuzzing


FUZZ = settings(
    max_examples=60, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
@pytest.mark.filterwarnings("ignore")  # the fuzzer's own
def test_a_fuzzer_finds_no_answer_that_is_not_described(service, mode):
    """It reads the description, and sends what fits it and what does not: no 5xx, and each answer as described."""
    checks.load_all_checks()
    names = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
    names += ("positive_data_acceptance",) if mode is GenerationMode.POSITIVE else ("negative_data_rejection",)
    described = schemathesis.openapi.from_wsgi("/openapi.json", create_app(service))
    codes = set()

    @FUZZ
    @given(case=described["/predict"]["POST"].as_strategy(generation_mode=mode))
    def fuzz(case):
        response = case.call()
        codes.add(response.status_code)
        case.validate_response(response, checks=checks.CHECKS.get_by_names(names))

    fuzz()
    assert codes == {200} if mode is GenerationMode.POSITIVE else codes <= {400, 415, 422}
