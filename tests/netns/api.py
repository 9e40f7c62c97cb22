# SPDX-License-Identifier: Apache-2.0
"""The admin's HTTP, spoken by tests: requests as they should be, and byte for byte as they should
not; and every answer held against the API's own description."""

import http.client
import itertools
import json
import re
import socket
import ssl
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parents[2]
DESCRIPTION = json.loads((ROOT / "admin/openapi.json").read_text())
PORT = 8006
METHODS = ("get", "post", "delete")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self):
        return f"<{self.status} {self.body[:200]!r}>"

    @property
    def json(self):
        return json.loads(self.body)


def operations():
    """(method, path, operation) of the description."""
    for path, item in DESCRIPTION["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def resolve(part):
    while "$ref" in part:
        at = DESCRIPTION
        for name in part["$ref"].removeprefix("#/").split("/"):
            at = at[name]
        part = at
    return part


def path_of(url):
    """The described path that a URL is one of."""
    for path in DESCRIPTION["paths"]:
        if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", path), url.split("?")[0]):
            return path
    return None


def check(method, url, answer):
    """Is the answer one that the description promises?"""
    path = path_of(url)
    operation = DESCRIPTION["paths"].get(path, {}).get(method.lower())
    if not operation:
        return
    described = operation["responses"].get(str(answer.status))
    assert described, f"{method} {url}: {answer} is not described"
    content = resolve(described).get("content", {})
    kind = (answer.headers.get("Content-Type") or "").split(";")[0]
    if not content:
        assert not answer.body, f"{method} {url}: {answer} has a body"
        return
    assert kind in content, f"{method} {url}: {kind} is not described"
    if kind == "application/json":
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema",
                  "components": DESCRIPTION["components"], **content[kind]["schema"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json)


class Api:
    """token: how it says who it is; cookies are kept.  host: where it asks from; unless source
    says else, each connection is from another address, as the server has a limit for each."""

    sources = itertools.cycle(f"127.0.0.{number}" for number in range(2, 250))

    def __init__(self, host, token=None, address="127.0.0.1", port=PORT, source=None):
        self.host, self.token, self.address, self.port = host, token, address, port
        self.source = source
        self.cookie = None

    def connect(self, timeout=10):
        with self.host.inside():
            family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
            sock = socket.socket(family, socket.SOCK_STREAM)
        sock.settimeout(timeout)
        if self.source or self.address == "127.0.0.1":
            sock.bind((self.source or next(self.sources), 0))
        sock.connect((self.address, self.port))
        return sock

    def ask(self, method, url, body=None, headers=(), checked=True):
        connection = http.client.HTTPConnection(self.address, self.port)
        connection.sock = self.connect()
        host = f"[{self.address}]" if ":" in self.address else self.address
        fields = {"Host": f"{host}:{self.port}", "Connection": "close"}
        if self.token:
            fields["Authorization"] = f"Bearer {self.token}"
        if self.cookie:
            fields["Cookie"] = self.cookie
            fields["Sec-Fetch-Site"] = "same-origin"
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            fields["Content-Type"] = "application/json"
        fields.update(headers)
        try:
            connection.request(method, url, body, {k: v for k, v in fields.items()
                                                   if v is not None})
            got = connection.getresponse()
            answer = Answer(got.status, got.headers, got.read())
        finally:
            connection.close()
        if checked and method != "HEAD":
            check(method, url, answer)
        return answer

    def get(self, url, **options):
        return self.ask("GET", url, **options)

    def raw(self, data, timeout=10):
        """Sends bytes, and returns all that comes until the end."""
        got = b""
        with self.connect(timeout) as sock:
            try:
                sock.sendall(data)
                while part := sock.recv(65536):
                    got += part
            except (ConnectionError, TimeoutError):
                pass
        return got


def status_of(raw):
    """The status code of a raw answer; 0: there is none."""
    line = raw.split(b"\r\n", 1)[0].split()
    return int(line[1]) if len(line) > 1 and line[0].startswith(b"HTTP/1.") else 0


class VpnPort(Api):
    """Over TLS, at the VPN's own port, as a browser comes: authority is the CA's certificate."""

    def __init__(self, host, authority, token=None, address="192.0.2.1", port=443, source=None,
                 name="vpn.example.net"):
        super().__init__(host, token, address, port, source)
        self.name = name
        self.tls = ssl.create_default_context(cadata=authority)
        self.tls.set_alpn_protocols(["h2", "http/1.1"])

    def connect(self, timeout=10):
        sock = super().connect(timeout)
        try:
            return self.tls.wrap_socket(sock, server_hostname=self.name)
        except BaseException:
            sock.close()
            raise

    def ask(self, method, url, body=None, headers=(), checked=True):
        return super().ask(method, url, body, {"Host": self.name, **dict(headers)}, checked)
