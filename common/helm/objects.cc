// SPDX-License-Identifier: Apache-2.0
#include "common/helm/objects.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/gotmpl/function.h"
#include "common/helm/values_type.h"

namespace sluice::helm {
namespace {

using gotmpl::Call;
using gotmpl::Field;
using gotmpl::Function;
using gotmpl::Kind;
using gotmpl::List;
using gotmpl::Record;
using gotmpl::Type;
using gotmpl::Value;
namespace types = gotmpl::types;

Value StructOf(const Type& type, std::vector<Value> fields) {
  return Value::ObjectOf(type, std::make_shared<Record>(std::move(fields)));
}

// The types below name each other, so one object holds those of a dialect.
struct CapabilityTypes {
  explicit CapabilityTypes(Dialect dialect);

  std::vector<Field> kube_version_fields;
  std::vector<Function> kube_version_methods;
  Type kube_version;
  Type kube_version_pointer;
  std::vector<Function> version_set_methods;
  Type version_set;
  std::vector<Field> helm_version_fields;
  Type helm_version;
  std::vector<Field> capabilities_fields;
  std::vector<Function> capabilities_methods;
  Type capabilities;
  Type capabilities_pointer;
};

bool HasNormalized(const Type& type) { return type.FindField("normalizedVersion") >= 0; }

// String() of a KubeVersion: in Helm 4 without what a vendor added.
std::string KubeVersionText(const Value& value) {
  const Value version = value.kind() == Kind::kPointer ? value.Pointee() : value;
  if (HasNormalized(*version.type()) && version.field(1).size() > 0) {
    return std::string(version.field(1).text());
  }
  return std::string(version.field(0).text());
}

CapabilityTypes::CapabilityTypes(Dialect dialect) {
  const bool helm3 = dialect == Dialect::kHelm3;
  kube_version_fields.push_back({.name = "Version", .type = &types::kString});
  if (!helm3) {
    kube_version_fields.push_back(
        {.name = "normalizedVersion", .type = &types::kString, .json = "-"});
  }
  kube_version_fields.push_back({.name = "Major", .type = &types::kString});
  kube_version_fields.push_back({.name = "Minor", .type = &types::kString});
  kube_version_methods = {
      {.name = "String",
       .result = &types::kString,
       .doc = "The version.",
       .code = [](Call& call) -> absl::StatusOr<Value> {
         return Value::String(KubeVersionText(call[0]));
       }},
      {.name = "GitVersion",
       .result = &types::kString,
       .doc = "The version as the server tells it.",
       .code = [](Call& call) -> absl::StatusOr<Value> { return call[0].Pointee().field(0); }}};
  kube_version = {.kind = Kind::kStruct,
                  .name = helm3 ? "chartutil.KubeVersion" : "common.KubeVersion",
                  .pointer = &kube_version_pointer,
                  .fields = kube_version_fields};
  kube_version_pointer = {.kind = Kind::kPointer,
                          .name = helm3 ? "*chartutil.KubeVersion" : "*common.KubeVersion",
                          .elem = &kube_version,
                          .methods = kube_version_methods,
                          .text = KubeVersionText};
  version_set_methods = {{.name = "Has",
                          .parameters = {&types::kString},
                          .result = &types::kBool,
                          .doc = "Whether the version is in the set.",
                          .code = [](Call& call) -> absl::StatusOr<Value> {
                            const List& items = call[0].items();
                            return Value::Bool(std::any_of(
                                items.begin(), items.end(),
                                [&](const Value& item) { return item.text() == call.text(1); }));
                          }}};
  version_set = {.kind = Kind::kSlice,
                 .name = helm3 ? "chartutil.VersionSet" : "common.VersionSet",
                 .elem = &types::kString,
                 .literal = &types::kStrings,
                 .methods = version_set_methods};
  helm_version_fields = {
      {.name = "Version", .type = &types::kString, .json = "version", .omit_empty = true},
      {.name = "GitCommit", .type = &types::kString, .json = "git_commit", .omit_empty = true},
      {.name = "GitTreeState",
       .type = &types::kString,
       .json = "git_tree_state",
       .omit_empty = true},
      {.name = "GoVersion", .type = &types::kString, .json = "go_version", .omit_empty = true}};
  if (!helm3) {
    helm_version_fields.push_back(
        {.name = "KubeClientVersion", .type = &types::kString, .json = "kube_client_version"});
  }
  helm_version = {
      .kind = Kind::kStruct, .name = "version.BuildInfo", .fields = helm_version_fields};
  capabilities_fields = {{.name = "KubeVersion", .type = &kube_version},
                         {.name = "APIVersions", .type = &version_set},
                         {.name = "HelmVersion", .type = &helm_version}};
  capabilities_methods = {{.name = "Copy",
                           .result = &capabilities_pointer,
                           .doc = "The capabilities again.",
                           .code = [](Call& call) -> absl::StatusOr<Value> { return call[0]; }}};
  capabilities = {.kind = Kind::kStruct,
                  .name = helm3 ? "chartutil.Capabilities" : "common.Capabilities",
                  .pointer = &capabilities_pointer,
                  .fields = capabilities_fields};
  capabilities_pointer = {.kind = Kind::kPointer,
                          .name = helm3 ? "*chartutil.Capabilities" : "*common.Capabilities",
                          .elem = &capabilities,
                          .methods = capabilities_methods};
}

const CapabilityTypes& CapabilityTypesOf(Dialect dialect) {
  static const CapabilityTypes helm3(Dialect::kHelm3);
  static const CapabilityTypes helm4(Dialect::kHelm4);
  return dialect == Dialect::kHelm3 ? helm3 : helm4;
}

}  // namespace

Value ReleaseObject(const Release& release) {
  return Value::FromMap({{"Name", Value::String(release.name)},
                         {"Namespace", Value::String(release.namespace_name)},
                         {"IsUpgrade", Value::Bool(release.is_upgrade)},
                         {"IsInstall", Value::Bool(!release.is_upgrade)},
                         {"Revision", Value::Int(release.revision)},
                         {"Service", Value::String("Helm")}});
}

Value CapabilitiesObject(const Capabilities& capabilities, Dialect dialect) {
  const CapabilityTypes& object_types = CapabilityTypesOf(dialect);
  const bool helm3 = dialect == Dialect::kHelm3;
  const KubeVersion& kube = capabilities.kube_version;
  std::vector<Value> kube_fields = {Value::String(kube.version)};
  if (!helm3) kube_fields.push_back(Value::String(kube.normalized));
  kube_fields.push_back(Value::String(kube.major));
  kube_fields.push_back(Value::String(kube.minor));
  List versions;
  for (const std::string& version : capabilities.api_versions) {
    versions.push_back(Value::String(version));
  }
  const HelmVersion helm = HelmVersionOf(dialect);
  std::vector<Value> helm_fields = {Value::String(helm.version), Value::String(""),
                                    Value::String(""), Value::String(helm.go_version)};
  if (!helm3) helm_fields.push_back(Value::String(helm.kube_client_version));
  return StructOf(object_types.capabilities_pointer,
                  {StructOf(object_types.kube_version, std::move(kube_fields)),
                   Value::ListOf(object_types.version_set, std::move(versions)),
                   StructOf(object_types.helm_version, std::move(helm_fields))});
}

Value ValuesObject(TablePointer table, Dialect dialect) {
  return Value::SharedMapOf(ValuesType(dialect), std::move(table));
}

}  // namespace sluice::helm
