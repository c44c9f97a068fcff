# SPDX-License-Identifier: Apache-2.0
"""A few HTTP calls to a real API server, for the recorders beside this file."""

import json
import os
import re
import ssl
import urllib.error
import urllib.request

_CONFIG = open(os.environ["KUBECONFIG"], encoding="utf-8").read()
_TOKEN = re.search(r'token: "?([^"\s}]+)', _CONFIG)[1]
_SERVER = re.search(r'server: "?([^"\s}]+)', _CONFIG)[1]
_TLS = ssl._create_unverified_context()  # a throw-away server on loopback


def call(method, path, body=None, content_type="application/json", agent="recorder/1"):
    """(status, body, warnings) of one request; `body` is a value or text."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(_SERVER + path, data=data, method=method, headers={
        "Authorization": "Bearer " + _TOKEN, "Content-Type": content_type,
        "Accept": "application/json", "User-Agent": agent})
    try:
        with urllib.request.urlopen(request, context=_TLS) as response:
            return response.status, json.load(response), response.headers.get_all("Warning") or []
    except urllib.error.HTTPError as error:
        text = error.read()
        try:
            return error.code, json.loads(text), error.headers.get_all("Warning") or []
        except ValueError:
            return error.code, {"message": text.decode()}, []


def causes(status):
    """The errors of a Status as [reason, field, message]."""
    details = status.get("details") or {}
    return [[c.get("reason", ""), c.get("field", ""), c.get("message", "")] for c in details.get("causes", [])]


def write(name, value):
    path = os.path.join(os.path.dirname(__file__), "..", "..", "..", "common", "devapi", "testdata", name)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1, sort_keys=True, ensure_ascii=False)
        file.write("\n")
