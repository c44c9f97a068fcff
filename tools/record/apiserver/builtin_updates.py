#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records what a real API server makes of changes to built-in objects: testdata/builtin_updates.json.

    KUBECONFIG=... tools/record/apiserver/builtin_updates.py

Each object is created, then merge patches are tried on it with dryRun=All.
"""

import yaml

from builtin import NAMESPACE, path_of
from client import call, causes, write

CASES = yaml.safe_load("""
- object: &deployment {apiVersion: apps/v1, kind: Deployment, metadata: {name: a, labels: {l: m}}, spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: nginx}]}}}}
  patches:
  - {spec: {replicas: 3}}
  - {spec: {selector: {matchLabels: {app: b}}, template: {metadata: {labels: {app: b}}}}}
  - {spec: {strategy: {type: Recreate}}}
  - {spec: {strategy: {type: Recreate, rollingUpdate: null}}}
  - {spec: {template: {spec: {containers: [{name: c, image: "nginx:1"}]}}}, status: {replicas: 5}}
  - {spec: {replicas: null}}
  - {metadata: {labels: {l: "bad value"}, annotations: {x: y}}}
  - {metadata: {name: b}}
  - {metadata: {resourceVersion: "1"}}
  - {metadata: {generation: 7, uid: null, creationTimestamp: null}}
  - {metadata: {annotations: {x: y}}}
- object: {apiVersion: v1, kind: Service, metadata: {name: a}, spec: {selector: {app: a}, ports: [{port: 80}]}}
  patches:
  - {spec: {clusterIP: 10.0.99.99, clusterIPs: null}}
  - {spec: {clusterIP: null, clusterIPs: null}}
  - {spec: {clusterIP: "", clusterIPs: []}}
  - {spec: {clusterIP: None, clusterIPs: null}}
  - {spec: {type: NodePort}}
  - {spec: {type: ExternalName, externalName: a.b}}
  - {spec: {type: ExternalName, externalName: a.b, clusterIP: null, clusterIPs: null}}
  - {spec: {ports: [{port: 81}]}}
  - {spec: {sessionAffinity: ClientIP}}
- object: {apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox}]}}}}
  patches:
  - {spec: {template: {spec: {containers: [{name: c, image: other}]}}}}
  - {spec: {completions: 3}}
  - {spec: {parallelism: 3, backoffLimit: 2, suspend: false}}
  - {spec: {completionMode: Indexed}}
  - {spec: {selector: {matchLabels: {x: y}}}}
  - {spec: {template: {spec: {nodeSelector: {a: b}}}}}
- object: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, immutable: true, data: {k: v}}
  patches:
  - {data: {k: w}}
  - {immutable: false}
  - {binaryData: {b: "AAE="}}
  - {metadata: {labels: {a: b}}}
- object: {apiVersion: v1, kind: Secret, metadata: {name: a}, immutable: true, data: {k: "eA=="}}
  patches:
  - {data: {k: "eQ=="}}
  - {stringData: {k: z}}
  - {immutable: null}
  - {type: other}
- object: {apiVersion: v1, kind: Secret, metadata: {name: a}, data: {k: "eA=="}}
  patches:
  - {type: other}
  - {type: null}
  - {stringData: {k: z, l: m}}
- object: {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
  patches:
  - {spec: {accessModes: [ReadOnlyMany]}}
  - {spec: {resources: {requests: {storage: 2Gi}}}}
  - {spec: {resources: {requests: {storage: 1024Mi}}}}
  - {spec: {storageClassName: x}}
  - {spec: {volumeMode: Block}}
- object: {apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a}, spec: {serviceName: s, selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: nginx}]}}}}
  patches:
  - {spec: {replicas: 3, minReadySeconds: 5, revisionHistoryLimit: 3}}
  - {spec: {serviceName: t}}
  - {spec: {podManagementPolicy: Parallel}}
  - {spec: {selector: {matchLabels: {app: b}}, template: {metadata: {labels: {app: b}}}}}
  - {spec: {volumeClaimTemplates: [{metadata: {name: d}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]}}
  - {spec: {updateStrategy: {type: OnDelete, rollingUpdate: null}}}
  - {spec: {template: {spec: {terminationGracePeriodSeconds: 5}}}}
- object: {apiVersion: apps/v1, kind: DaemonSet, metadata: {name: a}, spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: nginx}]}}}}
  patches:
  - {spec: {selector: {matchLabels: {app: b}}, template: {metadata: {labels: {app: b}}}}}
  - {spec: {template: {spec: {containers: [{name: c, image: other}]}}}}
- object: {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: a}, spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: nginx}]}}}}
  patches:
  - {spec: {selector: {matchLabels: {app: b}}, template: {metadata: {labels: {app: b}}}}}
- object: {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c, image: nginx}]}}
  patches:
  - {spec: {containers: [{name: c, image: other}]}}
  - {spec: {nodeName: n}}
  - {spec: {activeDeadlineSeconds: 5}}
  - {metadata: {labels: {a: b}}}
  - {spec: {containers: [{name: c, image: nginx}, {name: d, image: x}]}}
- object: {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: a}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}}
  patches:
  - {roleRef: {name: s}}
  - {subjects: [{kind: User, name: u}]}
- object: {apiVersion: v1, kind: Namespace, metadata: {name: recorded-update}}
  patches:
  - {metadata: {labels: {kubernetes.io/metadata.name: null, a: b}}}
  - {spec: {finalizers: []}}
- object: {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: a}, provisioner: x/y}
  patches:
  - {provisioner: z/w}
  - {reclaimPolicy: Retain}
  - {allowVolumeExpansion: true}
- object: {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: a}, value: 5}
  patches:
  - {value: 6}
- object: {apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}}
  patches:
  - {spec: {ingressClassName: x}}
- object: {apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: a}, spec: {controller: x/y}}
  patches:
  - {spec: {controller: z/w}}
""")


def main():
    call("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    recorded = []
    for case in CASES:
        path = path_of(case["object"])
        name = case["object"]["metadata"]["name"]
        call("PATCH", f"{path}/{name}", {"metadata": {"finalizers": None}}, "application/merge-patch+json")
        call("DELETE", f"{path}/{name}?gracePeriodSeconds=0")
        status, stored, _ = call("POST", path, case["object"])
        assert status == 201, stored
        stored["metadata"].pop("managedFields", None)
        for patch in case["patches"]:
            status, answer, _ = call("PATCH", f"{path}/{name}?dryRun=All", patch, "application/merge-patch+json")
            entry = {"old": stored, "patch": patch}
            if status >= 300:
                entry["errors"] = causes(answer)
                if not entry["errors"]:
                    entry["status"], entry["message"] = status, answer["message"]
            else:
                answer["metadata"].pop("managedFields", None)
                entry["stored"] = answer
            recorded.append(entry)
        call("PATCH", f"{path}/{name}", {"metadata": {"finalizers": None}}, "application/merge-patch+json")
        call("DELETE", f"{path}/{name}?gracePeriodSeconds=0&propagationPolicy=Background")
    write("builtin_updates.json", recorded)


if __name__ == "__main__":
    main()
