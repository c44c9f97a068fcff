#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records what a real API server makes of objects of built-in kinds: testdata/builtin.json.

    KUBECONFIG=... tools/record/apiserver/builtin.py

Each object is created with dryRun=All: the answer shows the defaults and the canonical form, or why
the object is refused. Addresses and numbers that the server allocates are taken out.
"""

import yaml

from client import call, causes, write

NAMESPACE = "recorded"
PATHS = {
    "Namespace": "/api/v1/namespaces", "Node": "/api/v1/nodes", "PersistentVolume": "/api/v1/persistentvolumes",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "StorageClass": "/apis/storage.k8s.io/v1/storageclasses",
    "IngressClass": "/apis/networking.k8s.io/v1/ingressclasses",
    "PriorityClass": "/apis/scheduling.k8s.io/v1/priorityclasses",
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
}
NAMESPACED = {
    "ConfigMap": "configmaps", "Secret": "secrets", "Service": "services", "Pod": "pods",
    "ServiceAccount": "serviceaccounts", "PersistentVolumeClaim": "persistentvolumeclaims",
    "Endpoints": "endpoints", "LimitRange": "limitranges", "ResourceQuota": "resourcequotas",
    "Deployment": "deployments", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets",
    "ReplicaSet": "replicasets", "Job": "jobs", "CronJob": "cronjobs", "Ingress": "ingresses",
    "NetworkPolicy": "networkpolicies", "Role": "roles", "RoleBinding": "rolebindings",
    "HorizontalPodAutoscaler": "horizontalpodautoscalers", "PodDisruptionBudget": "poddisruptionbudgets",
    "Lease": "leases", "EndpointSlice": "endpointslices", "Event": "events", "PodTemplate": "podtemplates",
    "ReplicationController": "replicationcontrollers", "ControllerRevision": "controllerrevisions",
}


def path_of(body):
    if body["kind"] in PATHS:
        return PATHS[body["kind"]]
    version = body["apiVersion"]
    root = f"/api/{version}" if "/" not in version else f"/apis/{version}"
    return f"{root}/namespaces/{NAMESPACE}/{NAMESPACED[body['kind']]}"


def stable(body):
    """The answer without what differs from one run to the next."""
    metadata = body["metadata"]
    for key in ("uid", "resourceVersion", "creationTimestamp", "managedFields", "namespace"):
        metadata.pop(key, None)
    for key in ("clusterIP", "clusterIPs"):
        if body["kind"] == "Service" and body["spec"].get(key) not in (None, "None", ["None"]):
            del body["spec"][key]
    if body["kind"] == "Service":
        for port in body["spec"].get("ports", []):
            port.pop("nodePort", None)
        body["spec"].pop("healthCheckNodePort", None)
    return body


def main():
    call("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    cases = []
    with open(__file__.replace("builtin.py", "builtin_objects.yaml"), encoding="utf-8") as file:
        documents = [document for document in yaml.safe_load_all(file) if document]
    for body in documents:
        status, answer, warnings = call("POST", path_of(body) + "?dryRun=All", body)
        case = {"object": body}
        if status == 400:
            case["refused"] = answer["message"]
        elif status >= 300:
            case["errors"] = causes(answer)
            if not case["errors"]:
                case["status"], case["message"] = status, answer["message"]
        else:
            case["stored"] = stable(answer)
        unknown = sorted(w.split('\\"')[1] for w in warnings if "unknown field" in w)
        if unknown:
            case["unknown"] = unknown
        cases.append(case)
    write("builtin.json", cases)


if __name__ == "__main__":
    main()
