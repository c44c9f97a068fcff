// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/kinds/openapi_paths.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace sluice::devapi {
namespace {

constexpr char kSchemas[] = "#/components/schemas/";
constexpr char kMeta[] = "io.k8s.apimachinery.pkg.apis.meta.v1.";

Value Reference(const std::string& definition) {
  return Value{{"$ref", absl::StrCat(kSchemas, definition)}};
}

Value Parameter(absl::string_view name, absl::string_view type, absl::string_view in = "query") {
  Value parameter = {
      {"name", name}, {"in", in}, {"schema", Value{{"type", type}, {"uniqueItems", true}}}};
  if (in == "path") parameter.Set("required", true);
  return parameter;
}

Value Parameters(std::initializer_list<std::pair<const char*, const char*>> list) {
  Value parameters = Value::EmptyArray();
  for (const auto& [name, type] : list) parameters.Append(Parameter(name, type));
  return parameters;
}

Value WriteParameters() {
  return Parameters(
      {{"dryRun", "string"}, {"fieldManager", "string"}, {"fieldValidation", "string"}});
}

Value ListParameters() {
  return Parameters({{"allowWatchBookmarks", "boolean"},
                     {"continue", "string"},
                     {"fieldSelector", "string"},
                     {"labelSelector", "string"},
                     {"limit", "integer"},
                     {"resourceVersion", "string"},
                     {"resourceVersionMatch", "string"},
                     {"sendInitialEvents", "boolean"},
                     {"timeoutSeconds", "integer"},
                     {"watch", "boolean"}});
}

Value DeleteParameters() {
  return Parameters({{"dryRun", "string"},
                     {"gracePeriodSeconds", "integer"},
                     {"orphanDependents", "boolean"},
                     {"propagationPolicy", "string"}});
}

Value Content(std::initializer_list<const char*> types, const std::string& definition) {
  Value content = Value::EmptyObject();
  for (const char* type : types) content.Set(type, Value{{"schema", Reference(definition)}});
  return Value{{"content", std::move(content)}};
}

// What an operation is made of.
struct Operation {
  const char* action;
  Value parameters;  // null: none
  std::string body;  // the schema of what is sent; "" for none
  std::string answer;
  std::vector<const char*> codes;
};

class PathWriter {
 public:
  PathWriter(const Resource& resource, Value& paths) : resource_(resource), paths_(paths) {
    root_ = resource.group.empty() ? "/api/" : absl::StrCat("/apis/", resource.group, "/");
    absl::StrAppend(&root_, resource.version, "/");
    std::vector<std::string> words = absl::StrSplit(resource.group, '.');
    if (resource.group.empty()) words = {"core"};
    tag_ = absl::StrCat(words[0], "_", resource.version);
  }

  void Add(const std::string& path, absl::string_view method, const GroupVersionKind& kind,
           const Operation& operation) {
    Value responses = {{"401", Value{{"description", "Unauthorized"}}}};
    for (const char* code : operation.codes) {
      Value response = Content({"application/json", "application/yaml"}, operation.answer);
      response.Set("description", "OK");
      responses.Set(code, std::move(response));
    }
    Value entry = {{"tags", Value(Value::Array{tag_})},
                   {"operationId", absl::StrCat(operation.action, " ", path)},
                   {"responses", std::move(responses)},
                   {"x-kubernetes-action", operation.action},
                   {"x-kubernetes-group-version-kind",
                    Value{{"group", kind.group}, {"version", kind.version}, {"kind", kind.kind}}}};
    if (!operation.parameters.is_null()) entry.Set("parameters", operation.parameters);
    if (!operation.body.empty()) entry.Set("requestBody", Body(operation));
    Value& place = paths_.Ensure(root_ + path);
    place.Set(method, std::move(entry));
    if (!place.Has("parameters")) place.Set("parameters", PathParameters(path));
  }

 private:
  Value Body(const Operation& operation) const {
    if (absl::string_view(operation.action) != "patch") {
      Value body = Content({"*/*"}, operation.body);
      if (absl::string_view(operation.action) != "delete") body.Set("required", true);
      return body;
    }
    Value body = Content({"application/apply-patch+yaml", "application/json-patch+json",
                          "application/merge-patch+json"},
                         operation.body);
    if (resource_.custom == nullptr) {
      body.Ensure("content").Set("application/strategic-merge-patch+json",
                                 Value{{"schema", Reference(operation.body)}});
    }
    body.Set("required", true);
    return body;
  }

  static Value PathParameters(const std::string& path) {
    Value parameters = Value::EmptyArray();
    for (const char* name : {"name", "namespace"}) {
      if (path.find(absl::StrCat("{", name, "}")) != std::string::npos) {
        parameters.Append(Parameter(name, "string", "path"));
      }
    }
    parameters.Append(Parameter("pretty", "string"));
    return parameters;
  }

  const Resource& resource_;
  Value& paths_;
  std::string root_;
  std::string tag_;
};

Value WithForce(Value parameters) {
  parameters.Append(Parameter("force", "boolean"));
  return parameters;
}

// get, put, patch, post and delete of one path, as far as `verbs` has them.
void AddObjectOperations(PathWriter& writer, const std::string& path,
                         const std::vector<std::string>& verbs, const GroupVersionKind& kind,
                         const std::string& definition) {
  const std::string status = absl::StrCat(kMeta, "Status");
  const auto has = [&](const char* verb) {
    return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
  };
  if (has("get")) writer.Add(path, "get", kind, {"get", nullptr, "", definition, {"200"}});
  if (has("update")) {
    writer.Add(path, "put", kind,
               {"put", WriteParameters(), definition, definition, {"200", "201"}});
  }
  if (has("patch")) {
    writer.Add(path, "patch", kind,
               {"patch",
                WithForce(WriteParameters()),
                absl::StrCat(kMeta, "Patch"),
                definition,
                {"200", "201"}});
  }
  if (has("delete")) {
    writer.Add(path, "delete", kind,
               {"delete",
                DeleteParameters(),
                absl::StrCat(kMeta, "DeleteOptions"),
                status,
                {"200", "202"}});
  }
}

}  // namespace

std::string CustomDefinitionName(const GroupVersionKind& kind) {
  std::vector<std::string> words = absl::StrSplit(kind.group, '.');
  std::reverse(words.begin(), words.end());
  return absl::StrCat(absl::StrJoin(words, "."), ".", kind.version, ".", kind.kind);
}

void AddPaths(const Resource& resource, const std::string& definition,
              const std::string& list_definition, Value& paths) {
  PathWriter writer(resource, paths);
  const GroupVersionKind kind = resource.gvk();
  const std::string scope = resource.namespaced ? "namespaces/{namespace}/" : "";
  const std::string collection = scope + resource.plural;
  const std::string object = collection + "/{name}";
  if (resource.HasVerb("list")) {
    const Operation list = {"list", ListParameters(), "", list_definition, {"200"}};
    writer.Add(collection, "get", kind, list);
    if (resource.namespaced) writer.Add(resource.plural, "get", kind, list);
  }
  if (resource.HasVerb("create")) {
    writer.Add(collection, "post", kind,
               {"post", WriteParameters(), definition, definition, {"200", "201", "202"}});
  }
  if (resource.HasVerb("deletecollection")) {
    writer.Add(collection, "delete", kind,
               {"deletecollection",
                ListParameters(),
                absl::StrCat(kMeta, "DeleteOptions"),
                absl::StrCat(kMeta, "Status"),
                {"200"}});
  }
  AddObjectOperations(writer, object, resource.verbs, kind, definition);
  for (const Subresource& subresource : resource.subresources) {
    const std::string path = absl::StrCat(object, "/", subresource.name);
    std::string sub_definition = definition;
    if (subresource.name == "scale") sub_definition = "io.k8s.api.autoscaling.v1.Scale";
    AddObjectOperations(writer, path, subresource.verbs, subresource.kind, sub_definition);
    if (std::find(subresource.verbs.begin(), subresource.verbs.end(), "create") !=
        subresource.verbs.end()) {
      writer.Add(path, "post", subresource.kind,
                 {"post", WriteParameters(), sub_definition, sub_definition, {"201"}});
    }
  }
}

}  // namespace sluice::devapi
