// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/validator.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/plan/definitions.h"
#include "common/devapi/kinds/builtin_kinds.h"
#include "common/devapi/kinds/crds.h"
#include "common/devapi/kinds/registry.h"
#include "common/devapi/schema/object_rules.h"
#include "common/kube/object.h"
#include "common/value/yaml.h"

namespace sluice::plan {
namespace {

// Any time; defaults and generations do not depend on it.
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

// What every stored object has, so that an update is one of the same object.
void SetStored(Value& object) {
  Value& metadata = object.Ensure("metadata");
  metadata.Set("uid", "00000000-0000-0000-0000-000000000000");
  metadata.Set("resourceVersion", "1");
  metadata.Set("creationTimestamp", "2023-11-14T22:13:20Z");
}

std::vector<std::string> Texts(const devapi::FieldErrors& errors) {
  std::vector<std::string> texts;
  for (const devapi::FieldError& error : errors) {
    std::string text = devapi::ToString(error);
    if (std::find(texts.begin(), texts.end(), text) == texts.end())
      texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace

struct Validator::Engine {
  Engine() : registry(devapi::GroupsOf(kinds.kinds())), rules(kinds, registry) {}

  devapi::ResourceRef ResourceOf(const Value& object) const {
    const auto [group, version] = devapi::SplitApiVersion(object["apiVersion"].str());
    return registry.Snapshot()->FindKind(group, version, object["kind"].str());
  }
  void Serve(const Value& definition) {
    auto resources = devapi::ResourcesOf(rules, definition);
    if (resources.ok()) {  // else the definition's own verdict says why
      registry.SetCustom(std::string(kube::Name(definition)), *std::move(resources));
    }
  }

  const devapi::BuiltinKinds kinds;
  devapi::Registry registry;
  const devapi::ObjectRules rules;
};

Validator::Validator(const ClusterPlan& plan) : plan_(plan), engine_(std::make_unique<Engine>()) {}
Validator::~Validator() = default;

void Validator::Define(const std::string& group) {
  if (!defined_.insert(group).second) return;
  std::set<std::string> names;
  for (const auto& place : plan_.OfKind("apiextensions.k8s.io", "CustomResourceDefinition")) {
    if (!absl::StartsWith(place.object->defines, absl::StrCat(group, " "))) continue;
    names.insert(place.object->id.key.name);
    engine_->Serve(place.object->Parse());
  }
  for (const DefinitionFile& file : FluxDefinitions()) {
    if (!absl::StartsWith(file.name, absl::StrCat(group, "_"))) continue;
    const auto definition = value::ParseYaml(file.content);
    if (definition.ok() && !names.contains(std::string(kube::Name(*definition)))) {
      engine_->Serve(*definition);
    }
  }
}

Verdict Validator::CheckCreate(const Value& object) {
  Verdict verdict;
  Define(std::string(kube::GvkOf(object).group));
  const devapi::ResourceRef resource = engine_->ResourceOf(object);
  if (resource == nullptr) {
    verdict.known = false;
    return verdict;
  }
  Value decoded = object;
  if (resource->namespaced && kube::Namespace(decoded).empty()) {
    decoded.Ensure("metadata").Set("namespace", "default");
  }
  std::vector<std::string> unknown;
  if (const absl::Status status = engine_->rules.Decode(*resource, decoded, unknown);
      !status.ok()) {
    verdict.errors.emplace_back(status.message());
    return verdict;
  }
  for (absl::string_view field : unknown) {
    absl::ConsumePrefix(&field, "unknown field ");
    verdict.unknown_fields.emplace_back(field);
  }
  engine_->rules.PrepareCreate(*resource, kNow, decoded);
  verdict.errors = Texts(engine_->rules.Validate(*resource, decoded, Value(), ""));
  return verdict;
}

Verdict Validator::CheckUpdate(const Value& object, const Value& old) {
  Verdict verdict;
  Define(std::string(kube::GvkOf(object).group));
  const devapi::ResourceRef resource = engine_->ResourceOf(object);
  if (resource == nullptr) {
    verdict.known = false;
    return verdict;
  }
  Value stored = old;
  Value decoded = object;
  stored.Set("apiVersion", object["apiVersion"]);
  std::vector<std::string> unknown;
  for (Value* const side : {&stored, &decoded}) {
    if (!engine_->rules.Decode(*resource, *side, unknown).ok()) return verdict;
    SetStored(*side);
  }
  engine_->rules.PrepareCreate(*resource, kNow, stored);
  engine_->rules.PrepareUpdate(*resource, "", stored, decoded);
  const std::vector<std::string> on_create = CheckCreate(object).errors;
  verdict.errors = Texts(engine_->rules.Validate(*resource, decoded, stored, ""));
  std::erase_if(verdict.errors, [&](const std::string& error) {
    return std::find(on_create.begin(), on_create.end(), error) != on_create.end();
  });
  return verdict;
}

}  // namespace sluice::plan
