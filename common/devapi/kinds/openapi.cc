// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/kinds/openapi.h"

#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/crypto/digest.h"
#include "common/devapi/kinds/openapi_paths.h"
#include "common/devapi/requests/render.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr char kComponents[] = "#/components/schemas/";
constexpr char kMeta[] = "io.k8s.apimachinery.pkg.apis.meta.v1.";

// Our embedded definitions name each other bare and carry keywords of their own; `prefix` goes
// before every reference. References met are noted in `used`.
Value Published(const Value& schema, absl::string_view prefix, std::set<std::string>& used) {
  if (schema.is_array()) {
    Value list = Value::EmptyArray();
    for (const Value& item : schema.items()) list.Append(Published(item, prefix, used));
    return list;
  }
  if (!schema.is_object()) return schema;
  Value result = Value::EmptyObject();
  const Value* reference = schema.Find("$ref");
  for (const value::Member& member : schema.members()) {
    if (absl::StartsWith(member.key, "x-go") || member.key == "$ref") continue;
    if (member.key == "properties") {
      // Fields may be named like keywords ("$ref" in JSONSchemaProps).
      Value properties = Value::EmptyObject();
      for (const value::Member& property : member.value.members()) {
        properties.Set(property.key, Published(property.value, prefix, used));
      }
      result.Set(member.key, std::move(properties));
    } else if (member.key == "default" || member.key == "enum") {
      result.Set(member.key, member.value);
    } else {
      result.Set(member.key, Published(member.value, prefix, used));
    }
  }
  if (reference == nullptr) return result;
  const std::string name(absl::StripPrefix(reference->str(), kComponents));
  used.insert(name);
  const Value target = {{"$ref", absl::StrCat(prefix, name)}};
  if (result.empty()) return target;
  result.Set("allOf", Value(Value::Array{target}));
  return result;
}

std::string PathOf(const std::string& group, const std::string& version) {
  return group.empty() ? absl::StrCat("api/", version) : absl::StrCat("apis/", group, "/", version);
}

// The schema of a custom kind: as written in its CRD, with the fields that every object has.
Value CustomDefinition(const Resource& resource) {
  Value schema = resource.custom->schema;
  if (!schema.is_object()) schema = Value{{"type", "object"}};
  Value& properties = schema.Ensure("properties");
  properties.Set("apiVersion", Value{{"type", "string"}});
  properties.Set("kind", Value{{"type", "string"}});
  properties.Set("metadata", Value{{"$ref", absl::StrCat(kMeta, "ObjectMeta")}});
  return schema;
}

Value CustomListDefinition(const Resource& resource, const std::string& definition) {
  Value properties = {{"apiVersion", Value{{"type", "string"}}},
                      {"kind", Value{{"type", "string"}}},
                      {"metadata", Value{{"$ref", absl::StrCat(kMeta, "ListMeta")}}},
                      {"items", Value{{"type", "array"}, {"items", Value{{"$ref", definition}}}}}};
  return Value{{"type", "object"},
               {"required", Value(Value::Array{"items"})},
               {"properties", std::move(properties)},
               {"x-kubernetes-group-version-kind",
                Value(Value::Array{Value{{"group", resource.group},
                                         {"version", resource.version},
                                         {"kind", resource.list_kind}}})}};
}

Value KindList(const GroupVersionKind& kind) {
  return Value(
      Value::Array{Value{{"group", kind.group}, {"version", kind.version}, {"kind", kind.kind}}});
}

// The name of a built-in kind's definition: "io.k8s.api.apps.v1.Deployment".
std::string BuiltinDefinitionName(const BuiltinKinds& kinds, const GroupVersionKind& kind) {
  const Schema* schema = kinds.SchemaOf(kind.group, kind.version, kind.kind);
  return schema == nullptr ? "" : std::string(schema->definition);
}

// Definitions to publish, and those that they lead to.
class Definitions {
 public:
  Definitions(const BuiltinKinds& kinds, absl::string_view prefix)
      : kinds_(kinds), prefix_(prefix) {}

  void Add(const std::string& name, const Value& schema, const Value& kind_list) {
    Value published = Published(schema, prefix_, wanted_);
    if (!kind_list.is_null()) published.Set("x-kubernetes-group-version-kind", kind_list);
    done_.Set(name, std::move(published));
  }
  void Want(const std::string& name) { wanted_.insert(name); }

  Value Take() {
    while (!wanted_.empty()) {
      const std::string name = *wanted_.begin();
      wanted_.erase(wanted_.begin());
      if (done_.Has(name)) continue;
      Value definition = kinds_.Definition(name);
      if (definition.is_null()) definition = Value{{"type", "object"}};
      Add(name, definition, nullptr);
    }
    return std::move(done_);
  }

 private:
  const BuiltinKinds& kinds_;
  const absl::string_view prefix_;
  std::set<std::string> wanted_;
  Value done_ = Value::EmptyObject();
};

void AddResource(const BuiltinKinds& kinds, const Resource& resource, Definitions& definitions,
                 Value& paths) {
  std::string name;
  std::string list_name;
  const GroupVersionKind list_kind = {resource.group, resource.version, resource.list_kind};
  if (resource.custom != nullptr) {
    name = CustomDefinitionName(resource.gvk());
    list_name = CustomDefinitionName(list_kind);
    definitions.Add(name, CustomDefinition(resource), KindList(resource.gvk()));
    definitions.Add(list_name, CustomListDefinition(resource, name), nullptr);
    if (resource.custom->has_scale) definitions.Want("io.k8s.api.autoscaling.v1.Scale");
  } else {
    name = BuiltinDefinitionName(kinds, resource.gvk());
    if (name.empty()) return;
    list_name = name + "List";
    definitions.Add(name, kinds.Definition(name), KindList(resource.gvk()));
    const Value list = kinds.Definition(list_name);
    if (!list.is_null()) definitions.Add(list_name, list, KindList(list_kind));
  }
  for (const char* common : {"Patch", "DeleteOptions", "Status"}) {
    definitions.Want(absl::StrCat(kMeta, common));
  }
  AddPaths(resource, name, list_name, paths);
}

}  // namespace

Value OpenApi::Document(const ResourceTable& table, absl::string_view group,
                        absl::string_view version) const {
  const ServedGroup::Version* served = table.FindVersion(group, version);
  if (served == nullptr) return nullptr;
  Definitions definitions(kinds_, kComponents);
  Value paths = Value::EmptyObject();
  for (const ResourceRef& resource : served->resources) {
    AddResource(kinds_, *resource, definitions, paths);
  }
  return Value{{"openapi", "3.0.0"},
               {"info", Value{{"title", "Kubernetes"}, {"version", "1.34"}}},
               {"paths", std::move(paths)},
               {"components", Value{{"schemas", definitions.Take()}}}};
}

Value OpenApi::Version2(const ResourceTable& table) const {
  Definitions definitions(kinds_, "#/definitions/");
  Value unused = Value::EmptyObject();
  for (const ServedGroup& group : table.groups()) {
    for (const ServedGroup::Version& version : group.versions) {
      for (const ResourceRef& resource : version.resources) {
        AddResource(kinds_, *resource, definitions, unused);
      }
    }
  }
  return Value{{"swagger", "2.0"},
               {"info", Value{{"title", "Kubernetes"}, {"version", "v1.34"}}},
               {"paths", Value::EmptyObject()},
               {"definitions", definitions.Take()}};
}

std::string OpenApi::Index(const ResourceTable& table) const {
  Value paths = Value::EmptyObject();
  for (const ServedGroup& group : table.groups()) {
    for (const ServedGroup::Version& version : group.versions) {
      const std::string path = PathOf(group.name, version.version);
      // Clients cache a document under its hash: it changes with whatever is served.
      const bool custom = version.resources.front()->custom != nullptr;
      const std::string hash = absl::AsciiStrToUpper(crypto::Sha256Hex(
          absl::StrCat(path, custom ? absl::StrCat("@", table.generation()) : "")));
      paths.Set(path,
                Value{{"serverRelativeURL", absl::StrCat("/openapi/v3/", path, "?hash=", hash)}});
    }
  }
  return value::FormatJson(Value{{"paths", std::move(paths)}});
}

std::optional<http::ServerResponse> OpenApi::Serve(
    const std::shared_ptr<const ResourceTable>& table, absl::string_view path) {
  if (path != "/openapi/v2" && path != "/openapi/v3" && !absl::StartsWith(path, "/openapi/v3/")) {
    return std::nullopt;
  }
  http::ServerResponse response;
  response.status = 200;
  response.headers.Set("Content-Type", "application/json");
  {
    absl::MutexLock lock(&mutex_);
    if (generation_ != table->generation()) documents_.clear();
    generation_ = table->generation();
    const auto found = documents_.find(std::string(path));
    if (found != documents_.end()) {
      response.body = found->second;
      return response;
    }
  }
  if (path == "/openapi/v3") {
    response.body = Index(*table);
  } else if (path == "/openapi/v2") {
    response.body = value::FormatJson(Version2(*table));
  } else {
    const std::vector<std::string> parts =
        absl::StrSplit(absl::StripPrefix(path, "/openapi/v3/"), '/', absl::SkipEmpty());
    Value document;
    if (parts.size() == 2 && parts[0] == "api") document = Document(*table, "", parts[1]);
    if (parts.size() == 3 && parts[0] == "apis") document = Document(*table, parts[1], parts[2]);
    if (document.is_null()) return RenderText(404, "404 page not found\n");
    response.body = value::FormatJson(document);
  }
  absl::MutexLock lock(&mutex_);
  if (generation_ == table->generation()) documents_[std::string(path)] = response.body;
  return response;
}

}  // namespace sluice::devapi
