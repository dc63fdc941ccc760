"""A Hub-compatible server on loopback, as much of it as pushing and loading a dataset needs."""

import base64
import hashlib
import json
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote

EMPTY = "0" * 40
ONLINE = {"HF_HUB_OFFLINE": "0", "HF_DATASETS_OFFLINE": "0"}  # loopback only


class HubServer(ThreadingHTTPServer):
    """``repos``: "datasets/user/name" -> list of (commit hash, {path: bytes}); ``tags``: the same key -> {tag: commit hash};
    ``pull_requests``: (key, files)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repos: dict[str, list[tuple[str, dict[str, bytes]]]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.blobs: dict[str, bytes] = {}
        self.pull_requests: list[tuple[str, dict[str, bytes]]] = []
        self.writable = True
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def files(self, repo: str, revision: str) -> tuple[str, dict[str, bytes]]:
        commits = self.repos[repo]
        wanted = self.tags.get(repo, {}).get(unquote(revision), revision)
        return next((c for c in commits if c[0] == wanted), commits[-1])


def _entry(path: str, content: bytes) -> dict:
    return {"type": "file", "path": path, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HubServer

    def log_message(self, *args) -> None:
        pass

    def _reply(self, value=None, code: int = 200, raw: bytes | None = None, **headers: str) -> None:
        body = json.dumps(value).encode() if raw is None else raw
        self.send_response(code)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def do_PUT(self) -> None:
        self.server.blobs[self.path.rsplit("/", 1)[1]] = self._body()
        self._reply({})

    def do_POST(self) -> None:
        server, path, data = self.server, self.path.split("?")[0], self._body()
        if not server.writable:
            return self._reply({"error": "read only"}, 403)
        if path == "/api/repos/create":
            asked = json.loads(data)
            name = asked["name"] if "/" in asked["name"] else f"{asked.get('organization') or 'user'}/{asked['name']}"
            server.repos.setdefault(f"datasets/{name}", [(EMPTY, {})])
            return self._reply({"url": f"{server.endpoint}/datasets/{name}", "name": name})
        if path == "/api/validate-yaml":
            return self._reply({"errors": [], "warnings": []})
        if "/preupload/" in path:
            mode = {"parquet": "lfs"}
            files = [
                {"path": f["path"], "uploadMode": mode.get(f["path"].rsplit(".", 1)[-1], "regular"), "shouldIgnore": False} for f in json.loads(data)["files"]
            ]
            return self._reply({"files": files})
        if path.endswith("/info/lfs/objects/batch"):
            objects = [{**o, "actions": {"upload": {"href": f"{server.endpoint}/blob/{o['oid']}"}}} for o in json.loads(data)["objects"]]
            return self._reply({"transfer": "basic", "objects": objects})
        if found := re.fullmatch(r"/api/(datasets/[^/]+/[^/]+)/paths-info/(.+)", path):
            _, files = server.files(found[1], found[2])
            wanted = json.loads(data)["paths"] if data.startswith(b"{") else parse_qs(data.decode())["paths"]
            folders = [{"type": "directory", "path": p, "oid": EMPTY, "size": 0} for p in wanted if any(f.startswith(f"{p}/") for f in files)]
            return self._reply([_entry(p, files[p]) for p in wanted if p in files] + folders)
        if found := re.fullmatch(r"/api/(datasets/[^/]+/[^/]+)/commit/.+", path):
            return self._commit(found[1], [json.loads(line) for line in data.splitlines()])
        if found := re.fullmatch(r"/api/(datasets/[^/]+/[^/]+)/tag/(.+)", path):
            server.tags.setdefault(found[1], {})[json.loads(data)["tag"]] = unquote(found[2])
            return self._reply({})
        return self._reply({"error": path}, 404)

    def _commit(self, repo: str, operations: list[dict]) -> None:
        files = dict(self.server.repos[repo][-1][1])
        for operation in operations:
            value = operation["value"]
            if operation["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif operation["key"] == "lfsFile":
                files[value["path"]] = self.server.blobs[value["oid"]]
            elif operation["key"] == "deletedFile":
                files.pop(value["path"], None)
        digest = hashlib.sha1(repr(sorted((p, hashlib.sha1(c).hexdigest()) for p, c in files.items())).encode()).hexdigest()
        reply = {"success": True, "commitOid": digest, "commitUrl": f"{self.server.endpoint}/{repo}/commit/{digest}"}
        if "create_pr=1" in self.path:
            self.server.pull_requests.append((repo, files))
            return self._reply({**reply, "pullRequestUrl": f"{self.server.endpoint}/{repo}/discussions/1"})
        self.server.repos[repo].append((digest, files))
        return self._reply(reply)

    def do_GET(self) -> None:
        server, path = self.server, self.path.split("?")[0]
        if path.startswith("/api/whoami"):
            return self._reply({"name": "user", "type": "user", "orgs": [], "auth": {"type": "access_token"}})
        if (found := re.fullmatch(r"/api/(datasets/[^/]+/[^/]+)/tree/([^/]+)/?(.*)", path)) and found[1] in server.repos:
            return self._tree(*server.files(found[1], found[2]), unquote(found[3]))
        if (found := re.fullmatch(r"/api/(datasets/[^/]+/[^/]+)(?:/revision/(.+))?", path)) and found[1] in server.repos:
            commit, files = server.files(found[1], found[2] or "main")
            siblings = [{"rfilename": f} for f in files]
            return self._reply(
                {
                    "id": found[1].split("/", 1)[1],
                    "_id": EMPTY[:24],
                    "sha": commit,
                    "private": False,
                    "tags": [],
                    "downloads": 0,
                    "likes": 0,
                    "siblings": siblings,
                }
            )
        if (found := re.fullmatch(r"/(datasets/[^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)) and found[1] in server.repos:
            commit, files = server.files(found[1], found[2])
            if unquote(found[3]) in files:
                return self._file(commit, files[unquote(found[3])])
        return self._reply({"error": "not found"}, 404, X_Error_Code="EntryNotFound" if "/resolve/" in path else "RepoNotFound")

    do_HEAD = do_GET  # noqa: N815

    def _tree(self, commit: str, files: dict[str, bytes], folder: str) -> None:
        prefix = f"{folder}/" if folder else ""
        inside = {p: c for p, c in files.items() if p.startswith(prefix)}
        if folder and not inside:
            return self._reply({"error": "no such folder"}, 404, X_Error_Code="EntryNotFound")
        deep = "recursive=true" in self.path.lower()
        parents = {"/".join(p.split("/")[:n]) for p in inside for n in range(1, p.count("/") + 1)} - {folder}
        folders = [d for d in sorted(parents) if d.startswith(prefix) and (deep or "/" not in d[len(prefix) :])]
        shown = [_entry(p, c) for p, c in inside.items() if deep or "/" not in p[len(prefix) :]]
        return self._reply(shown + [{"type": "directory", "path": d, "oid": EMPTY, "size": 0} for d in folders])

    def _file(self, commit: str, content: bytes) -> None:
        headers = {"ETag": f'"{hashlib.sha1(content).hexdigest()}"', "X_Repo_Commit": commit, "Accept_Ranges": "bytes"}
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if not asked:
            return self._reply(raw=content, **headers)
        start, end = int(asked[1]), min(int(asked[2] or len(content) - 1), len(content) - 1)
        return self._reply(raw=content[start : end + 1], code=206, Content_Range=f"bytes {start}-{end}/{len(content)}", **headers)


def hub_environment(hub: HubServer, home: Path) -> dict[str, str]:
    """The environment in which a command talks to the server and to nothing else."""
    return {
        **os.environ,
        **ONLINE,
        "HF_ENDPOINT": hub.endpoint,
        "HF_HOME": str(home),
        "HF_TOKEN": "hf_test",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "NO_PROXY": "127.0.0.1",
    }
