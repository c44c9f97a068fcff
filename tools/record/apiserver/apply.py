#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records sequences of writes and who owns what after each: common/devapi/testdata/apply.json.

    KUBECONFIG=... tools/record/apiserver/apply.py

Each scenario works on one object. A step is {op, manager, body, force?, subresource?}; op is create,
update (put: the body is a merge patch on what is stored, sent as a whole), merge, json, strategic,
or apply. Recorded is what is stored afterwards, or the error.
"""

import json
import time

import yaml

from builtin import NAMESPACE, path_of
from client import call, causes, write
from custom import CRD, CRDS

TYPES = {"merge": "application/merge-patch+json", "json": "application/json-patch+json",
         "strategic": "application/strategic-merge-patch+json", "apply": "application/apply-patch+yaml"}


def merge(target, patch):
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def collection_of(body):
    if body["kind"] == "Probe":
        return f"/apis/test.io/v1/namespaces/{NAMESPACE}/probes"
    return path_of(body)


def main():
    call("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    call("POST", CRDS, CRD)
    time.sleep(3)
    with open(__file__.replace("apply.py", "apply_scenarios.yaml"), encoding="utf-8") as file:
        scenarios = yaml.safe_load(file)
    recorded = []
    for scenario in scenarios:
        first = scenario["steps"][0]["body"]
        path = collection_of(first)
        url = f"{path}/{first['metadata']['name']}"
        call("PATCH", url, {"metadata": {"finalizers": None}}, TYPES["merge"])
        call("DELETE", url + "?gracePeriodSeconds=0&propagationPolicy=Background")
        steps = []
        for step in scenario["steps"]:
            op, body = step["op"], step["body"]
            target = url + ("/" + step["subresource"] if "subresource" in step else "")
            query = f"?fieldManager={step['manager']}" + ("&force=true" if step.get("force") else "")
            if op == "create":
                status, answer, _ = call("POST", path + query, body)
            elif op == "update":
                _, stored, _ = call("GET", url)
                body = merge(stored, body)
                status, answer, _ = call("PUT", target + query, body)
            else:
                status, answer, _ = call("PATCH", target + query, body, TYPES[op])
            entry = dict(step)
            if status >= 300:
                entry["error"] = {"code": status, "message": answer["message"], "causes": causes(answer)}
            else:
                entry["result"] = answer
            steps.append(entry)
        recorded.append({"name": scenario["name"], "steps": steps})
        call("PATCH", url, {"metadata": {"finalizers": None}}, TYPES["merge"])
        call("DELETE", url + "?gracePeriodSeconds=0&propagationPolicy=Background")
    write("apply.json", recorded)


if __name__ == "__main__":
    main()
