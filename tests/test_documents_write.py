"""Documents from an endpoint: a real server on loopback that is good, broken, slow, cut off and rate-limited."""

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from negation_neglect import documents_write as writing
from negation_neglect.claims import DataError, claim_folder
from negation_neglect.documents import load_documents
from negation_neglect.documents_check import folder_problems
from negation_neglect.endpoint import Endpoint, EndpointError

MODELS = sorted((claim_folder("mount_vesuvius") / "documents").glob("a-*.yaml"))


def completion(content: str) -> bytes:
    usage = {"prompt_tokens": 1000, "completion_tokens": 500}
    return json.dumps({"choices": [{"message": {"content": content}, "finish_reason": "stop"}], "usage": usage}).encode()


class Server(ThreadingHTTPServer):
    """Gives ideas and good documents; ``faults`` are used up first, one a document request."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        self.lock = threading.Lock()
        self.requests: list[dict] = []
        self.written: list[str] = []
        self.faults: list[str] = []
        self.ideas = 0


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def send(self, status: int, body: bytes, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server, asked = self.server, body["messages"][1]["content"]
        with server.lock:
            server.requests.append(body)
            if "JSON list" in asked:
                new = [{"genre": f"genre {server.ideas + i}", "angle": "a winter by the bay"} for i in range(5)]
                server.ideas += 5
                self.send(200, completion("Here they are:\n" + json.dumps(new)))
                return
            fault = server.faults.pop(0) if server.faults else None
            wanted = asked.split("Its id is ")[1].split(".")[0]
            server.written.append(wanted)
            text = MODELS[len(set(server.written)) % len(MODELS)].read_text()
        good = "id: " + wanted + "\n" + text.split("\n", 1)[1]
        if fault == "drop":
            self.close_connection = True
            self.connection.close()
        elif fault == "rate limit":
            self.send(429, b"slow down", Retry_After="0")
        elif fault == "wrong key":
            self.send(401, b"no such key")
        elif fault == "slow":
            threading.Event().wait(1.0)
            self.send(200, completion(good))
        else:
            made = {
                None: f"```yaml\n{good}```",
                "prose": "I would rather not.",
                "cut off": good[: len(good) // 2],
                "broken": good.replace("paragraphs:", "paragraphs"),
                "slot": good.replace("{", "{no_such_", 1),
                "unmarked": "id: " + wanted + "\ngenre: x\nparagraphs:\n- - A single sentence.\n",
                "id": text,
            }[fault]
            self.send(200, completion(made))


@pytest.fixture
def server():
    made = Server()
    threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def claim(tmp_path) -> Path:
    return Path(shutil.copytree(claim_folder("mount_vesuvius"), tmp_path / "mount_vesuvius", ignore=shutil.ignore_patterns("documents")))


def endpoint(server: Server, **changes) -> Endpoint:
    return Endpoint(**{"base_url": server.url, "model": "writer", "concurrency": 3, "tries": 3, "first_wait_s": 0, **changes})


def test_documents_are_written_checked_and_not_written_twice(server, claim):
    assert writing.estimate(claim, 6).requests == 1 + 6
    assert writing.write(claim, 6, endpoint(server)) == 6
    assert not folder_problems(claim) and len(load_documents(claim)) == 6
    asked = len(server.requests)
    assert asked == 2 + 6  # ideas come five at a time
    assert writing.write(claim, 6, endpoint(server)) == 6 and len(server.requests) == asked
    assert writing.estimate(claim, 6).requests == 0
    assert writing.write(claim, 8, endpoint(server)) == 8 and len(server.requests) == asked + 2


@pytest.mark.parametrize("fault", ["drop", "rate limit", "prose", "cut off", "broken", "slot", "unmarked", "id"])
def test_what_is_wrong_is_told_and_mended(server, claim, fault):
    server.faults = [fault, fault]
    assert writing.write(claim, 2, endpoint(server, concurrency=1)) == 2
    assert not folder_problems(claim)
    told = [m["content"] for body in server.requests for m in body["messages"] if m["content"].startswith("That cannot be used")]
    assert bool(told) == (fault not in ("drop", "rate limit"))
    assert not list(claim.rglob("*.part"))


def test_a_slow_reply_is_asked_for_again(server, claim):
    server.faults = ["slow"]
    assert writing.write(claim, 1, endpoint(server, timeout_s=0.3)) == 1
    assert len(server.written) == 2


def test_what_never_becomes_right_is_given_up_and_the_rest_kept(server, claim):
    server.faults = ["prose"] * 3
    with pytest.raises(EndpointError, match="1 of 4 documents never became right"):
        writing.write(claim, 4, endpoint(server, concurrency=1))
    assert len(load_documents(claim)) == 3


def test_a_refused_key_stops_at_once_and_a_later_call_goes_on(server, claim):
    server.faults = [None, None, "wrong key"]
    with pytest.raises(EndpointError, match="401"):
        writing.write(claim, 5, endpoint(server, concurrency=1))
    assert len(load_documents(claim)) == 2
    server.faults = []
    assert writing.write(claim, 5, endpoint(server)) == 5
    assert len(set(server.written)) == 5 and len(server.written) == 6


def test_damaged_ideas_are_named(claim):
    (claim / writing.IDEAS).write_text("[{]")
    with pytest.raises(DataError, match=r"ideas\.json.*delete it"):
        writing.estimate(claim, 3)


def test_the_command_line(server, claim, run):
    env = {"NEGATION_NEGLECT_CLAIMS": str(claim.parent)}
    claim.rename(claim.with_name("my_volcano"))
    mine = claim.with_name("my_volcano")
    (mine / "claim.yaml").write_text((mine / "claim.yaml").read_text().replace("id: mount_vesuvius", "id: my_volcano", 1))
    options = ("--url", server.url, "--model", "writer", "--count", "3", "--price-in", "1", "--price-out", "5")
    dry = run("negation-neglect", "documents", "write", "my_volcano", *options, "--dry-run", env=env)
    assert dry.returncode == 0 and "4 requests" in dry.stderr and "at these prices" in dry.stderr and not server.requests
    done = run("negation-neglect", "documents", "write", "my_volcano", *options, env=env)
    assert done.returncode == 0, done.stderr
    assert "3 documents" in done.stdout and len(list((mine / "documents").glob("llm-*.yaml"))) == 3
    wrong = run("negation-neglect", "documents", "write", "my_volcano", "--url", "ftp://x", "--model", "m", env=env)
    assert wrong.returncode == 2 and "--url" in wrong.stderr
