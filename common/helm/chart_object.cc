// .Chart

// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/gotmpl/document.h"
#include "common/helm/objects.h"

namespace sluice::helm {
namespace {

using gotmpl::Field;
using gotmpl::Kind;
using gotmpl::List;
using gotmpl::Record;
using gotmpl::Type;
using gotmpl::Value;
namespace types = gotmpl::types;

// A field of one of Helm's structs and what a chart has there.
struct Member {
  Field field;
  Value value;
};

Member Text(absl::string_view name, absl::string_view json, const std::string& text) {
  return {{.name = name, .type = &types::kString, .json = json, .omit_empty = true},
          Value::String(text)};
}

Value Texts(const std::vector<std::string>& texts) { return Value::Strings(texts); }

std::vector<Member> MaintainerMembers(const Maintainer& maintainer) {
  return {Text("Name", "name", maintainer.name), Text("Email", "email", maintainer.email),
          Text("URL", "url", maintainer.url)};
}

Value ImportsOf(const Dependency& dependency) {
  List imports;
  for (const ::sluice::Value& entry : dependency.import_values) {
    imports.push_back(gotmpl::FromDocument(entry, gotmpl::Numbers::kFloats));
  }
  return Value::FromList(std::move(imports));
}

std::vector<Member> DependencyMembers(const Dependency& dependency) {
  std::vector<Member> members = {
      Text("Name", "name", dependency.name),
      Text("Version", "version", dependency.version),
      Text("Repository", "repository", dependency.repository),
      Text("Condition", "condition", dependency.condition),
      {{.name = "Tags", .type = &types::kStrings, .json = "tags", .omit_empty = true},
       Texts(dependency.tags)},
      {{.name = "Enabled", .type = &types::kBool, .json = "enabled", .omit_empty = true},
       Value::Bool(dependency.enabled)},
      {{.name = "ImportValues", .type = &types::kList, .json = "import-values", .omit_empty = true},
       ImportsOf(dependency)},
      Text("Alias", "alias", dependency.alias)};
  members[0].field.omit_empty = false;
  members[2].field.omit_empty = false;
  return members;
}

// Helm 3's types. The lists of fields come from members of an empty value.
struct StructType {
  StructType(absl::string_view struct_name, absl::string_view pointer_name,
             absl::string_view slice_name, const std::vector<Member>& members) {
    for (const Member& member : members) fields.push_back(member.field);
    type = {.kind = Kind::kStruct, .name = struct_name, .pointer = &pointer, .fields = fields};
    pointer = {.kind = Kind::kPointer, .name = pointer_name, .elem = &type};
    slice = {.kind = Kind::kSlice, .name = slice_name, .elem = &pointer};
  }

  std::vector<Field> fields;
  Type type;
  Type pointer;
  Type slice;
};

const StructType& MaintainerType() {
  static const StructType type("chart.Maintainer", "*chart.Maintainer", "[]*chart.Maintainer",
                               MaintainerMembers({}));
  return type;
}

const StructType& DependencyType() {
  static const StructType type("chart.Dependency", "*chart.Dependency", "[]*chart.Dependency",
                               DependencyMembers({}));
  return type;
}

Value Struct(const Type& type, std::vector<Member> members) {
  std::vector<Value> fields;
  for (Member& member : members) fields.push_back(std::move(member.value));
  return Value::ObjectOf(type, std::make_shared<Record>(std::move(fields)));
}

// Helm 4 turns structs into maps and lists of any type into []interface {}.
Value AsMap(std::vector<Member> members) {
  gotmpl::Map map;
  for (Member& member : members) {
    Value value = std::move(member.value);
    if (value.kind() == Kind::kSlice && value.type() != &types::kList) {
      value = Value::FromList(value.items());
    }
    map[std::string(member.field.name)] = std::move(value);
  }
  return Value::FromMap(std::move(map));
}

Value Annotations(const Metadata& metadata) {
  if (metadata.annotations.empty()) return Value::NilOf(types::kStringMap);
  gotmpl::Map annotations;
  for (const auto& [key, text] : metadata.annotations) annotations[key] = Value::String(text);
  return Value::MapOf(types::kStringMap, std::move(annotations));
}

std::vector<Member> ChartMembers(const Metadata& metadata, const std::string& name,
                                 Value maintainers, Value dependencies, bool is_root) {
  return {Text("Name", "name", name),
          Text("Home", "home", metadata.home),
          {{.name = "Sources", .type = &types::kStrings, .json = "sources", .omit_empty = true},
           Texts(metadata.sources)},
          Text("Version", "version", metadata.version),
          Text("Description", "description", metadata.description),
          {{.name = "Keywords", .type = &types::kStrings, .json = "keywords", .omit_empty = true},
           Texts(metadata.keywords)},
          {{.name = "Maintainers",
            .type = &MaintainerType().slice,
            .json = "maintainers",
            .omit_empty = true},
           std::move(maintainers)},
          Text("Icon", "icon", metadata.icon),
          Text("APIVersion", "apiVersion", metadata.api_version),
          Text("Condition", "condition", metadata.condition),
          Text("Tags", "tags", metadata.tags),
          Text("AppVersion", "appVersion", metadata.app_version),
          {{.name = "Deprecated", .type = &types::kBool, .json = "deprecated", .omit_empty = true},
           Value::Bool(metadata.deprecated)},
          {{.name = "Annotations",
            .type = &types::kStringMap,
            .json = "annotations",
            .omit_empty = true},
           Annotations(metadata)},
          Text("KubeVersion", "kubeVersion", metadata.kube_version),
          {{.name = "Dependencies",
            .type = &DependencyType().slice,
            .json = "dependencies",
            .omit_empty = true},
           std::move(dependencies)},
          Text("Type", "type", metadata.type),
          {{.name = "IsRoot", .type = &types::kBool}, Value::Bool(is_root)}};
}

}  // namespace

Value ChartObject(const ChartNode& node, Dialect dialect) {
  const Metadata& metadata = node.chart->metadata;
  const bool helm3 = dialect == Dialect::kHelm3;
  List maintainers;
  for (const Maintainer& maintainer : metadata.maintainers) {
    std::vector<Member> members = MaintainerMembers(maintainer);
    maintainers.push_back(helm3 ? Struct(MaintainerType().pointer, std::move(members))
                                : AsMap(std::move(members)));
  }
  List dependencies;
  if (node.declared.has_value()) {
    for (const auto& dependency : *node.declared) {
      std::vector<Member> members = DependencyMembers(*dependency);
      dependencies.push_back(helm3 ? Struct(DependencyType().pointer, std::move(members))
                                   : AsMap(std::move(members)));
    }
  }
  if (!helm3) {
    return AsMap(ChartMembers(metadata, node.name, Value::FromList(std::move(maintainers)),
                              Value::FromList(std::move(dependencies)), node.is_root()));
  }
  static const StructType type(
      "struct { chart.Metadata; IsRoot bool }", "*struct { chart.Metadata; IsRoot bool }",
      "[]*struct { chart.Metadata; IsRoot bool }", ChartMembers({}, "", Value(), Value(), false));
  return Struct(
      type.type,
      ChartMembers(metadata, node.name,
                   Value::ListOf(MaintainerType().slice, std::move(maintainers)),
                   Value::ListOf(DependencyType().slice, std::move(dependencies)), node.is_root()));
}

}  // namespace sluice::helm
