// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/kinds/registry.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace sluice::devapi {
namespace {

ResourceRef Custom(const std::string& version) {
  auto resource = std::make_shared<Resource>();
  resource->group = "example.com";
  resource->version = version;
  resource->plural = "widgets";
  resource->kind = "Widget";
  resource->storage = "widgets.example.com";
  resource->storage_api_version = "example.com/v1";
  return resource;
}

TEST_CASE("versions are preferred as Kubernetes prefers them", "[devapi]") {
  std::vector<std::string> versions = {"v1alpha1", "foo",     "v1", "v2beta1",
                                       "v10",      "v1beta2", "v2", "bar"};
  std::sort(versions.begin(), versions.end(), PreferredVersion);
  CHECK(versions == std::vector<std::string>{"v10", "v2", "v1", "v2beta1", "v1beta2", "v1alpha1",
                                             "bar", "foo"});
}

TEST_CASE("built-in kinds are found by every name", "[devapi]") {
  const BuiltinKinds kinds;
  const Registry registry(GroupsOf(kinds.kinds()));
  const auto table = registry.Snapshot();
  CHECK(table->Find("apps", "v1", "deployments")->kind == "Deployment");
  CHECK(table->FindKind("", "v1", "Pod")->plural == "pods");
  CHECK(table->FindKindInGroup("autoscaling", "HorizontalPodAutoscaler")->version == "v2");
  CHECK(table->Find("apps", "v1", "nothing") == nullptr);
  CHECK(table->Find("nothing", "v1", "pods") == nullptr);
  // Two spellings of one storage.
  CHECK(table->Find("events.k8s.io", "v1", "events")->storage == "events");
  CHECK(table->FindStorage("events")->group.empty());
  CHECK(table->FindStorage("horizontalpodautoscalers.autoscaling")->version == "v2");
}

TEST_CASE("custom kinds come and go; snapshots stay as they are", "[devapi]") {
  Registry registry({});
  const auto before = registry.Snapshot();
  registry.SetCustom("widgets.example.com", {Custom("v1beta1"), Custom("v1")});
  const auto with = registry.Snapshot();
  CHECK(before->FindGroup("example.com") == nullptr);
  CHECK(with->generation() != before->generation());
  REQUIRE(with->FindGroup("example.com") != nullptr);
  CHECK(with->FindGroup("example.com")->versions.front().version == "v1");
  CHECK(with->Find("example.com", "v1beta1", "widgets") != nullptr);
  registry.SetCustom("widgets.example.com", {});
  CHECK(registry.Snapshot()->FindGroup("example.com") == nullptr);
  CHECK(with->FindGroup("example.com") != nullptr);
}

}  // namespace
}  // namespace sluice::devapi
