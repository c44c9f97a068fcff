// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>

#include "common/base/duration.h"
#include "common/devapi/kinds/builtin_kinds.h"
#include "common/devapi/kinds/registry.h"
#include "common/devapi/tables/format.h"
#include "common/devapi/tables/table.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::devapi {
namespace {

constexpr char kNow[] = "2026-01-01T00:00:00Z";

// The cells of one object of a built-in kind.
std::string Cells(absl::string_view group, absl::string_view plural, const char* yaml) {
  static const auto* const kKinds = new BuiltinKinds;
  static const auto* const kRegistry = new Registry(GroupsOf(kKinds->kinds()));
  const ResourceRef resource = kRegistry->Snapshot()->FindInGroup(group, plural);
  REQUIRE(resource != nullptr);
  Value object = value::ParseYaml(yaml).value();
  object.Ensure("metadata").Set("name", "x");
  object.Ensure("metadata").Set("creationTimestamp", "2025-12-31T23:00:00Z");
  const ObjectRef stored = std::make_shared<Object>(object, 1);
  const Value table =
      value::ParseJson(TableJson(*resource, std::span(&stored, 1), Value::EmptyObject(),
                                 {RowObject::kNone, true, ParseRfc3339(kNow).value()}))
          .value();
  CHECK(table["rows"].at(0)["cells"].size() == table["columnDefinitions"].size());
  return value::FormatJson(table["rows"].at(0)["cells"], {.indent = 0, .escape_html = false});
}

TEST_CASE("built-in kinds fill their columns", "[devapi]") {
  struct Row {
    const char* group;
    const char* plural;
    const char* yaml;
    const char* cells;
  };
  const Row rows[] = {
      {"", "configmaps", "data: {a: b}\nbinaryData: {c: ''}", R"(["x",2,"60m"])"},
      {"", "secrets", "type: Opaque\ndata: {a: b}", R"(["x","Opaque",1,"60m"])"},
      {"", "namespaces", "status: {phase: Active}", R"(["x","Active","60m"])"},
      {"", "pods",
       "spec: {nodeName: n1, containers: [{name: a}, {name: b}]}\n"
       "status: {phase: Running, podIP: 1.2.3.4, containerStatuses: [{ready: true, restartCount: "
       "0, "
       "state: {running: {}}}, {ready: false, restartCount: 3, state: {waiting: {reason: "
       "CrashLoopBackOff}}, lastState: {terminated: {finishedAt: '2025-12-31T23:59:00Z'}}}]}",
       R"j(["x","1/2","CrashLoopBackOff","3 (60s ago)","60m","1.2.3.4","n1","<none>","<none>"])j"},
      {"", "pods",
       "spec: {initContainers: [{name: i}, {name: j}], containers: [{name: a}]}\n"
       "status: {phase: Pending, initContainerStatuses: [{state: {terminated: {exitCode: 0}}}, "
       "{state: {running: {}}}]}",
       R"(["x","0/1","Init:1/2","0","60m","<none>","<none>","<none>","<none>"])"},
      {"", "pods",
       "metadata: {deletionTimestamp: '2026-01-01T00:00:00Z'}\nspec: {containers: [{name: a}]}\n"
       "status: {phase: Running}",
       R"(["x","0/1","Terminating","0","60m","<none>","<none>","<none>","<none>"])"},
      {"", "services",
       "spec: {type: LoadBalancer, clusterIP: 10.0.0.9, clusterIPs: [10.0.0.9], selector: {a: b}, "
       "ports: [{port: 80, nodePort: 30001, protocol: TCP}]}",
       R"(["x","LoadBalancer","10.0.0.9","<pending>","80:30001/TCP","60m","a=b"])"},
      {"", "events",
       "type: Normal\nreason: Made\nmessage: ' done '\ncount: 2\nlastTimestamp: "
       "'2025-12-31T23:59:30Z'\nfirstTimestamp: '2025-12-31T23:59:00Z'\ninvolvedObject: {kind: "
       "Pod, "
       "name: p}\nsource: {component: c, host: h}",
       R"(["30s","Normal","Made","pod/p","","c, h","done","60s",2,"x"])"},
      {"apps", "deployments",
       "spec: {replicas: 3, selector: {matchLabels: {a: b}}, template: {spec: {containers: [{name: "
       "c, image: i}]}}}\nstatus: {readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1}",
       R"(["x","1/3",2,1,"60m","c","i","a=b"])"},
      {"batch", "jobs",
       "spec: {completions: 2, template: {spec: {containers: [{name: c, image: i}]}}}\nstatus: "
       "{succeeded: 2, startTime: '2025-12-31T23:00:00Z', completionTime: '2025-12-31T23:01:00Z', "
       "conditions: [{type: Complete, status: 'True'}]}",
       R"(["x","Complete","2/2","60s","60m","c","i","<none>"])"},
      {"batch", "cronjobs", "spec: {schedule: '* * * * *', suspend: false}",
       R"(["x","* * * * *","<none>","False",0,"<none>","60m","","","<none>"])"},
      {"autoscaling", "horizontalpodautoscalers",
       "spec: {minReplicas: 1, maxReplicas: 5, scaleTargetRef: {kind: Deployment, name: d}, "
       "metrics: "
       "[{type: Resource, resource: {name: cpu, target: {averageUtilization: 50}}}]}",
       R"(["x","Deployment/d","cpu: <unknown>/50%","1",5,0,"60m"])"},
      {"networking.k8s.io", "ingresses",
       "spec: {ingressClassName: nginx, tls: [{}], rules: [{host: a}, {host: b}, {host: c}, {host: "
       "d}]}",
       R"(["x","nginx","a,b,c + 1 more...","","80, 443","60m"])"},
      {"rbac.authorization.k8s.io", "rolebindings",
       "roleRef: {kind: Role, name: r}\nsubjects: [{kind: User, name: u}, {kind: ServiceAccount, "
       "name: s, namespace: ns}]",
       R"(["x","Role/r","60m","u","","ns/s"])"},
      {"rbac.authorization.k8s.io", "roles", "rules: []", R"(["x","2025-12-31T23:00:00Z"])"},
      {"", "persistentvolumeclaims",
       "spec: {volumeName: v, storageClassName: fast, volumeMode: Filesystem}\nstatus: {phase: "
       "Bound, "
       "accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}}",
       R"(["x","Bound","v","1Gi","RWO","fast","<unset>","60m","Filesystem"])"},
      {"policy", "poddisruptionbudgets", "spec: {minAvailable: 50%}",
       R"(["x","50%","N/A",0,"60m"])"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.plural, row.yaml);
    CHECK(Cells(row.group, row.plural, row.yaml) == row.cells);
  }
}

TEST_CASE("every built-in kind that is listed has its columns filled", "[devapi]") {
  const BuiltinKinds kinds;
  for (const BuiltinKind& kind : kinds.kinds()) {
    if (std::find(kind.verbs.begin(), kind.verbs.end(), "list") == kind.verbs.end()) continue;
    CAPTURE(kind.group, kind.plural);
    CHECK_FALSE(Cells(kind.group, kind.plural, "{}").empty());
  }
}

}  // namespace
}  // namespace sluice::devapi
