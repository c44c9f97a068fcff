// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/manifests.h"

#include "absl/strings/str_cat.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::bench {

Value Deployment(size_t index) {
  const std::string name = absl::StrCat("web-", index);
  const Value labels = {{"app.kubernetes.io/name", name},
                        {"app.kubernetes.io/part-of", "shop"},
                        {"helm.sh/chart", "web-1.4.2"}};
  const Value container = {
      {"name", "app"},
      {"image", absl::StrCat("registry.example.com/shop/web:1.4.", index % 100)},
      {"imagePullPolicy", "IfNotPresent"},
      {"args",
       Value::Array{"--listen=:8080", "--log-level=info", "--feature-gates=A=true,B=false"}},
      {"env", Value::Array{{{"name", "POD_NAME"},
                            {"valueFrom", {{"fieldRef", {{"fieldPath", "metadata.name"}}}}}},
                           {{"name", "TIMEOUT"}, {"value", "30"}},
                           {{"name", "GREETING"}, {"value", "Hello, \"world\": it's me"}}}},
      {"ports", Value::Array{{{"name", "http"}, {"containerPort", 8080}, {"protocol", "TCP"}}}},
      {"resources",
       {{"limits", {{"cpu", "500m"}, {"memory", "256Mi"}}}, {"requests", {{"cpu", "50m"}}}}},
      {"livenessProbe",
       {{"httpGet", {{"path", "/healthz"}, {"port", "http"}}}, {"initialDelaySeconds", 5}}},
  };
  return {
      {"apiVersion", "apps/v1"},
      {"kind", "Deployment"},
      {"metadata",
       {{"name", name},
        {"namespace", absl::StrCat("team-", index % 50)},
        {"uid", absl::StrCat("6f9619ff-8b86-d011-b42d-00cf4fc9", 10000 + index)},
        {"resourceVersion", absl::StrCat(100000 + index)},
        {"generation", static_cast<int64_t>(index % 7)},
        {"creationTimestamp", "2026-01-02T03:04:05Z"},
        {"labels", labels},
        {"annotations",
         {{"deployment.kubernetes.io/revision", "3"},
          {"example.com/description", "Serves the shop's pages.\nOwned by the web team.\n"}}}}},
      {"spec",
       {{"replicas", 3},
        {"revisionHistoryLimit", 10},
        {"selector", {{"matchLabels", labels}}},
        {"strategy",
         {{"type", "RollingUpdate"},
          {"rollingUpdate", {{"maxSurge", "25%"}, {"maxUnavailable", "25%"}}}}},
        {"template",
         {{"metadata", {{"labels", labels}}},
          {"spec",
           {{"containers", Value::Array{container}},
            {"serviceAccountName", "web"},
            {"terminationGracePeriodSeconds", 30}}}}}}},
      {"status",
       {{"observedGeneration", 3},
        {"readyReplicas", 3},
        {"conditions", Value::Array{{{"type", "Available"},
                                     {"status", "True"},
                                     {"reason", "MinimumReplicasAvailable"},
                                     {"message", "Deployment has minimum availability."}}}}}},
  };
}

std::string DeploymentListJson(size_t count) {
  Value::Array items;
  for (size_t i = 0; i < count; ++i) items.push_back(Deployment(i));
  return value::FormatJson({{"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(items)}});
}

std::string DeploymentStreamYaml(size_t count) {
  std::string stream;
  for (size_t i = 0; i < count; ++i) {
    absl::StrAppend(&stream, "---\n", value::FormatYaml(Deployment(i)));
  }
  return stream;
}

}  // namespace sluice::bench
