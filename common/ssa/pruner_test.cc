// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/pruner.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/kube_testing/api_server.h"

namespace sluice::ssa {
namespace {

using kube_testing::ApiServer;

const PruneOptions kOptions = {.owner_labels = {{"owner", "us"}}};

std::string ConfigMap(const std::string& name, const std::string& owner,
                      const std::string& annotations = "") {
  return "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name +
         ", namespace: default, labels: {owner: " + owner + "}, annotations: {" + annotations +
         "}}}";
}

std::vector<std::string> Prune(ApiServer& cluster, const std::vector<std::string>& names) {
  Inventory stale;
  for (const std::string& name : names) {
    stale.push_back({{"default", name}, {"", "v1", "ConfigMap"}});
  }
  const PruneResult result =
      ssa::Prune(cluster.ctx(), cluster.client(), cluster.discovery(), stale, kOptions);
  INFO(result.status);
  REQUIRE(result.status.ok());
  std::vector<std::string> changes;
  for (const Change& change : result.changes) changes.push_back(change.ToString());
  return changes;
}

TEST_CASE("what is stale is deleted, last applied first", "[ssa]") {
  ApiServer cluster;
  for (const char* name : {"a", "b"}) cluster.Write(ConfigMap(name, "us"), "us");
  CHECK(Prune(cluster, {"a", "b", "gone"}) ==
        std::vector<std::string>{"ConfigMap/default/gone deleted", "ConfigMap/default/b deleted",
                                 "ConfigMap/default/a deleted"});
  CHECK(cluster.Live(ConfigMap("a", "us")).is_null());
}

TEST_CASE("what is not ours any more, or asks to stay, stays", "[ssa]") {
  const std::string group = "kustomize.toolkit.fluxcd.io/";
  struct Row {
    const char* name;
    std::string yaml;
  };
  const Row rows[] = {
      {"handed-over", ConfigMap("handed-over", "them")},
      {"kept", ConfigMap("kept", "us", group + "prune: disabled")},
      {"disabled", ConfigMap("disabled", "us", group + "reconcile: disabled")},
      {"ignored", ConfigMap("ignored", "us", group + "ssa: Ignore")},
  };
  ApiServer cluster;
  for (const Row& row : rows) {
    CAPTURE(row.name);
    cluster.Write(row.yaml, "us");
    CHECK(Prune(cluster, {row.name}) ==
          std::vector<std::string>{"ConfigMap/default/" + std::string(row.name) + " skipped"});
    CHECK_FALSE(cluster.Live(row.yaml).is_null());
  }
}

TEST_CASE("what could not be deleted is not forgotten", "[ssa]") {
  ApiServer cluster;
  cluster.Write(ConfigMap("a", "us"), "us");
  const Inventory stale = {{{"default", "x"}, {"example.com", "v1", "Unknown"}},
                           {{"default", "a"}, {"", "v1", "ConfigMap"}}};
  const PruneResult result =
      ssa::Prune(cluster.ctx(), cluster.client(), cluster.discovery(), stale, kOptions);
  CHECK(result.status.message() ==
        "delete failed, errors: Unknown/default/x query failed: no matches for kind \"Unknown\" in "
        "version \"example.com/v1\";");
  REQUIRE(result.survivors.size() == 1);
  CHECK(result.survivors[0].Subject() == "Unknown/default/x");
  CHECK(cluster.Live(ConfigMap("a", "us")).is_null());
}

}  // namespace
}  // namespace sluice::ssa
