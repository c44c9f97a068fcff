// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/inventory.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/kube/object.h"
#include "common/ssa/object_id.h"
#include "common/value/yaml.h"

namespace sluice::helm_controller {
namespace {

using runtime::Severity;

// The definitions among the chart's own files.
void AddDefinitions(const helm_release::Record& record, std::vector<Value>& objects) {
  for (const Value& file : record.chart["files"].items()) {
    std::string text;
    if (!absl::StartsWith(file["name"].str(), "crds/") ||
        !absl::Base64Unescape(file["data"].str(), &text)) {
      continue;
    }
    auto documents = value::ParseYamlStream(text);
    if (!documents.ok()) continue;
    for (value::YamlDocument& document : *documents) {
      if (document.value["kind"].str() == "CustomResourceDefinition") {
        objects.push_back(std::move(document.value));
      }
    }
  }
}

}  // namespace

void TakeInventory(const Context& ctx, Work& work, const helm_release::Record& record) {
  Session& session = work.session;
  auto documents = value::ParseYamlStream(record.manifest);
  if (!documents.ok()) {
    session.Event(Severity::kError, "InventoryBuildFailed",
                  absl::StrCat("failed to build inventory for ", record.ns, "/", record.name, ": ",
                               documents.status().message()));
    return;
  }
  std::vector<Value> objects;
  for (value::YamlDocument& document : *documents) objects.push_back(std::move(document.value));
  AddDefinitions(record, objects);
  ssa::Inventory inventory;
  std::vector<std::string> skipped;
  for (Value& object : objects) {
    if (object["metadata"]["annotations"].Has("helm.sh/hook") || kube::Name(object).empty()) {
      continue;
    }
    if (kube::Namespace(object).empty()) {
      const auto at = work.with.discovery.Resolve(ctx, kube::GvkOf(object));
      if (!at.ok()) {
        skipped.push_back(absl::StrCat(kube::Subject(object), ": ", at.status().message()));
      } else if (at->namespaced) {
        object.Ensure("metadata").Set("namespace", record.ns);
      }
    }
    inventory.push_back(ssa::ObjectId::Of(object));
  }
  if (!skipped.empty()) {
    session.Event(Severity::kError, "NamespaceCheckSkipped", absl::StrJoin(skipped, "; "));
  }
  session.status.inventory = ssa::EncodeInventory(inventory);
}

}  // namespace sluice::helm_controller
