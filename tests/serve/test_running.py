"""The service as processes: what is true only of a real server. Each test ends what it started."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from nnlab.serve.client import call, running, stop
from nnlab.serve.load import load

GOOD = {"input": [1, 2, 3]}
INPUTS = np.random.default_rng(0).uniform(-9, 9, (20, 1, 3)).round(3)


def children(pid):
    return [int(p) for p in open(f"/proc/{pid}/task/{pid}/children").read().split()]


def gone(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def eventually(true, seconds=30):
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    from tests.serve.conftest import tiny

    with running(tiny(tmp_path_factory.mktemp("m") / "tiny.onnx"), "--workers", 2) as found:
        yield found


def test_many_requests_no_error(service):
    result = load(service.url, INPUTS, 600, 16)
    assert result.codes == {200: 600} and len(result.latencies) == 600 and result.rate > 0
    timed = load(service.url, INPUTS, 60, 4, rate=200.0)
    assert timed.codes == {200: 60} and timed.seconds >= 0.29
    text = service.call("metrics").body
    total = sum(float(x.split()[1]) for x in text.splitlines() if x.startswith('nnlab_requests_total{code="200",ver'))
    assert total >= 660, "both workers are counted"


def test_it_listens_at_this_machine_only_and_says_nothing_of_itself(service):
    assert service.url.startswith("http://127.0.0.1:")
    answer = service.call("predict", GOOD)
    assert answer.status == 200 and "server" not in answer.headers
    missing = call(service.url + "%2e%2e/x")
    assert missing.status == 404 and "server" not in missing.headers


def test_slow_and_half_open_clients_block_nobody(service):
    address = ("127.0.0.1", int(service.url.split(":")[2].strip("/")))
    slow = [socket.create_connection(address) for _ in range(60)]
    try:
        for k, one in enumerate(slow):
            one.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n" + b"\r\n{" * (k % 2))
        assert load(service.url, INPUTS, 100, 4).codes == {200: 100}
    finally:
        for one in slow:
            one.close()


POST = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
GOOD_BODY = json.dumps(GOOD).encode()


def answers(service, sent):
    """What comes back for these bytes until the service closes: (status, body) of each answer."""
    found = []
    with socket.create_connection(("127.0.0.1", int(service.url.split(":")[2].strip("/"))), timeout=20) as raw:
        raw.sendall(sent)
        raw.shutdown(socket.SHUT_WR)
        rest = b"".join(iter(lambda: raw.recv(65536), b""))
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        size = int(re.search(rb"content-length: (\d+)", head.lower())[1]) if b"ength: " in head else 0
        found.append((int(head.split()[1]), rest[:size]))
        rest = rest[size:]
    return found


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (POST + b"Content-Length: 99999999\r\n\r\n", 413),
        (POST + b"Content-Length: 4000001\r\n\r\n" + b" " * 4_000_001, 413),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + b" " * 65536 + b"\r\n") * 140, 413),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: y\r\n" % k for k in range(5000)) + b"\r\n", 431),
        (POST + b"Content-Length: -5\r\n\r\n", 400),
        (POST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 400),
        (POST + b"Content-Length: 18\r\nContent-Length: 1\r\n\r\n" + GOOD_BODY, 400),
        (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 501),
        (POST + b"Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n", 413),
        (POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET /health HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"GET /health\r\n\r\n", 505),
        (
            POST.replace(b"1.1", b"1.2") + b"Transfer-Encoding: chunked\r\n\r\n14\r\n" + GOOD_BODY + b"\r\n0\r\n\r\n",
            505,
        ),
        (b"GET /health HTTP/1.1\r\nX: a\x00b\r\n\r\n", 400),
        (b"GET /%ff%00 HTTP/1.1\r\nHost: [::\r\nCookie: \xff=;\r\n\r\n", 404),
    ],
)
def test_what_is_no_request_is_refused_in_a_sentence_and_the_next_one_answered(service, sent, status):
    lines = len(service.log)
    (found,) = answers(service, sent)
    error = json.loads(found[1])
    assert found[0] == status and set(error) == {"error"} and error["error"].endswith(".")
    assert service.call("predict", GOOD).status == 200 and service.log[lines:] == []


@pytest.mark.parametrize(
    "sent",
    [
        POST.replace(b"1.1", b"1.0") + b"Content-Length: 20\r\n\r\n" + GOOD_BODY,
        POST + b"Transfer-Encoding: chunked\r\n\r\n14\r\n" + GOOD_BODY + b"\r\n0\r\n\r\n",
        POST + b"Content-Length: 4000000\r\n\r\n" + GOOD_BODY + b" " * (4_000_000 - len(GOOD_BODY)),
        POST.replace(b"/predict", b"/%70redict?x=%ff") + b"Content-Length: 20\r\n\r\n" + GOOD_BODY,
        (POST + b"Content-Length: 20\r\n\r\n" + GOOD_BODY) * 3,
    ],
    ids=["HTTP/1.0", "chunked", "largest body", "percent", "pipelined"],
)
def test_unusual_requests_get_their_answer(service, sent):
    found = answers(service, sent)
    assert len(GOOD_BODY) == 20 and len(found) == sent.count(b"POST")
    assert all(status == 200 and json.loads(body)["prediction"] == ["b"] for status, body in found)


def test_clients_that_leave_half_way_leave_nothing_behind(service):
    address, lines = ("127.0.0.1", int(service.url.split(":")[2].strip("/"))), len(service.log)
    whole = POST + b"Content-Length: 20\r\n\r\n" + GOOD_BODY
    for k in range(60):
        with socket.create_connection(address) as one:
            one.sendall(whole[: 20 + k] if k % 2 else whole)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # closing it is a reset
    assert load(service.url, INPUTS, 100, 4).codes == {200: 100} and service.log[lines:] == []


def test_more_connections_than_descriptors_wait_and_fill_no_log(model):
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (120, limits[1]))  # which the service inherits
        with running(model) as service:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            address = ("127.0.0.1", int(service.url.split(":")[2].strip("/")))
            idle = [socket.create_connection(address) for _ in range(150)]
            time.sleep(1)
            for one in idle:
                one.close()
            assert eventually(lambda: service.call("predict", GOOD).status == 200), service.log[-5:]
            assert len(service.log) < 200, service.log[:5]  # it was 30,000 lines in 8 s
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_a_killed_worker_is_started_again(service):
    before = children(service.process.pid)
    os.kill(before[0], signal.SIGKILL)
    assert eventually(lambda: len(set(children(service.process.pid)) - set(before)) == 1)
    assert eventually(lambda: load(service.url, INPUTS, 50, 4).codes == {200: 50})
    assert any("started again" in line for line in service.log)


def test_workers_are_exchanged_under_load_and_no_request_is_lost(service):
    before, results = set(children(service.process.pid)), []
    loader = threading.Thread(target=lambda: results.append(load(service.url, INPUTS, 3000, 8, rate=400.0)))
    loader.start()
    service.signal(signal.SIGHUP)
    loader.join()
    assert eventually(
        lambda: len(children(service.process.pid)) == 2 and not before & set(children(service.process.pid))
    )
    assert results[0].codes == {200: 3000}
    assert results[0].retried <= 8, "each of the eight kept connections may be closed once, just as it is used"


def test_a_graceful_stop_answers_what_it_took(model):
    with running(model, "--wait", 0.3) as service:
        results = []
        asking = threading.Thread(target=lambda: results.append(service.call("predict", GOOD)))
        asking.start()
        time.sleep(0.15)  # the request lies in its batch, which waits for company
        workers = children(service.process.pid)
        service.signal(signal.SIGTERM)
        asking.join()
        assert service.process.wait(12) == 0 and results[0].status == 200
        assert all(map(gone, workers))
        with pytest.raises(OSError):
            service.call("health")


def test_a_full_queue_is_a_503_with_retry_after(model):
    with running(model, "--queue", 2, "--wait", 0.2, "--most-rows", 1) as service:
        result = load(service.url, INPUTS, 60, 30)
        assert set(result.codes) == {200, 503} and result.codes[503] > 5
        assert service.call("predict", GOOD).status == 200


def test_large_bodies_share_a_room_and_small_ones_never_wait(model):
    """Of 4 MB each, 8 may be on their way; one that ends half way makes room again."""
    whole = GOOD_BODY + b" " * 3_999_980
    chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n11170\r\n" + b" " * 70_000 + b"\r\n0\r\n\r\n"
    with running(model) as service:
        address = ("127.0.0.1", int(service.url.split(":")[2].strip("/")))
        held = [socket.create_connection(address) for _ in range(8)]
        for one in held:
            one.sendall(POST + b"Content-Length: 4000000\r\n\r\n")
        assert eventually(lambda: service.call("predict", whole).status == 503)
        refused = service.call("predict", whole)
        assert refused.headers["retry-after"] == "1" and refused.body["error"].endswith("again in a second.")
        assert answers(service, chunked)[0][0] == 503 and service.call("predict", GOOD).status == 200
        for one in held:
            one.close()
        assert eventually(lambda: service.call("predict", whole).status == 200)
        assert service.log == []


def test_a_canary_is_taken_out_in_every_worker_by_a_signal(make):
    with running(make("1"), "--canary", make("2"), "--share", 0.5, "--workers", 2) as service:
        seen = {service.call("predict", GOOD).body["model"]["version"] for _ in range(40)}
        assert seen == {"1", "2"}
        service.signal(signal.SIGUSR1)
        assert eventually(lambda: any("main version" in line for line in service.log))
        assert {service.call("predict", GOOD).body["model"]["version"] for _ in range(20)} == {"1"}


def test_it_does_not_outlive_whoever_started_it(model):
    code = f"""
import sys, time
from nnlab.serve.client import running
with running({str(model)!r}) as service:
    print(service.process.pid, service.url, flush=True)
    time.sleep(100)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        pid = int(parent.stdout.readline().split()[0])
        workers = children(pid)
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
    assert len(workers) == 1 and eventually(lambda: all(map(gone, [pid, *workers])))


def test_a_token_from_the_surroundings(model):
    with running(model, token="a-long-enough-secret") as service:
        assert service.call("predict", GOOD).status == 401
        sent = {"Authorization": "Bearer a-long-enough-secret"}
        assert service.call("predict", GOOD, headers=sent).status == 200


def test_what_can_not_be_served_is_said_in_a_sentence(tmp_path, model):
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"no model")
    pickle = tmp_path / "model.pt"
    pickle.write_bytes(b"\x80\x04.")
    for words, sentence in (
        ([bad], "no ONNX file"),
        ([pickle], "may be a pickle"),
        ([tmp_path / "none.onnx"], "There is no model"),
        ([model, "--share", 2], "--share should be from 0 to 1"),
        ([model, "--workers", 0], "--workers should be from 1"),
        ([model, "--canary", model], "Both models call themselves version 1"),
    ):
        with pytest.raises(RuntimeError, match=sentence), running(*words):
            pass
    for secret in ("short", "a-secret-with-an-ä-in-it", "a-secret-of-two\nlines"):
        with pytest.raises(RuntimeError, match="at least 16 printable ASCII"), running(model, token=secret):
            pass


def test_a_taken_port_is_said(model):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        words = [sys.executable, "-m", "nnlab.serve", str(model), "--port", port]
        found = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert found.returncode == 1 and f"Can't listen at 127.0.0.1 port {port}" in found.stderr


def test_stop_twice_is_harmless(model):
    with running(model) as service:
        assert stop(service.process) == 0 == stop(service.process)
    assert json.loads(json.dumps(service.log)) == service.log
