// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/kinds/discovery.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/digest.h"
#include "common/devapi/requests/media_type.h"
#include "common/devapi/requests/render.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

Value List(const std::vector<std::string>& items) {
  Value list = Value::EmptyArray();
  for (const std::string& item : items) list.Append(item);
  return list;
}

Value GroupVersion(const std::string& group, const std::string& version) {
  return Value{{"groupVersion", absl::StrCat(group, "/", version)}, {"version", version}};
}

Value GroupEntry(const ServedGroup& group) {
  Value versions = Value::EmptyArray();
  for (const ServedGroup::Version& version : group.versions) {
    versions.Append(GroupVersion(group.name, version.version));
  }
  return Value{{"name", group.name},
               {"versions", versions},
               {"preferredVersion", GroupVersion(group.name, group.versions.front().version)}};
}

// The eight bytes by which clients notice that a resource is stored in another version.
std::string StorageVersionHash(const Resource& resource) {
  const std::string digest = crypto::Digest(
      crypto::Algorithm::kSha256, absl::StrCat(resource.storage_api_version, "/", resource.kind));
  return absl::Base64Escape(digest.substr(0, 8));
}

Value KindOf(const GroupVersionKind& kind) {
  return Value{{"group", kind.group}, {"version", kind.version}, {"kind", kind.kind}};
}

// The kind as aggregated discovery shows it: built-in ones name no group and version where these
// are the resource's own.
Value ResponseKind(const Resource& resource, const GroupVersionKind& kind) {
  const bool own = kind.group == resource.group && kind.version == resource.version;
  if (resource.custom == nullptr && own) return KindOf({"", "", kind.kind});
  return KindOf(kind);
}

Value DiscoveryEntry(const Resource& resource) {
  Value entry = {{"resource", resource.plural},
                 {"responseKind", ResponseKind(resource, resource.gvk())},
                 {"scope", resource.namespaced ? "Namespaced" : "Cluster"},
                 {"singularResource", resource.singular},
                 {"verbs", List(resource.verbs)}};
  if (!resource.short_names.empty()) entry.Set("shortNames", List(resource.short_names));
  if (!resource.categories.empty()) entry.Set("categories", List(resource.categories));
  Value subresources = Value::EmptyArray();
  for (const Subresource& subresource : resource.subresources) {
    subresources.Append(Value{{"subresource", subresource.name},
                              {"responseKind", ResponseKind(resource, subresource.kind)},
                              {"verbs", List(subresource.verbs)}});
  }
  if (!subresources.empty()) entry.Set("subresources", std::move(subresources));
  return entry;
}

http::ServerResponse Aggregated(const ResourceTable& table, bool core, const MediaType& media) {
  const absl::string_view version = media.Get("v");
  http::ServerResponse response = RenderValue(200, AggregatedDiscovery(table, core, version));
  response.headers.Set("Content-Type", absl::StrCat("application/json;g=apidiscovery.k8s.io;v=",
                                                    version, ";as=APIGroupDiscoveryList"));
  response.headers.Set(
      "ETag", absl::StrCat("\"", absl::AsciiStrToUpper(crypto::Sha256Hex(response.body)), "\""));
  response.headers.Set("Vary", "Accept");
  response.headers.Set("Cache-Control", "public");
  return response;
}

}  // namespace

Value CoreVersions() {
  const Value address = {{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", "127.0.0.1"}};
  return Value{{"kind", "APIVersions"},
               {"versions", Value(Value::Array{"v1"})},
               {"serverAddressByClientCIDRs", Value(Value::Array{address})}};
}

Value GroupList(const ResourceTable& table) {
  Value groups = Value::EmptyArray();
  for (const ServedGroup& group : table.groups()) {
    if (!group.name.empty()) groups.Append(GroupEntry(group));
  }
  return Value{{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(groups)}};
}

Value Group(const ResourceTable& table, absl::string_view group) {
  const ServedGroup* served = table.FindGroup(group);
  if (served == nullptr || group.empty()) return nullptr;
  Value result = GroupEntry(*served);
  result.Set("kind", "APIGroup");
  result.Set("apiVersion", "v1");
  return result;
}

Value ResourceList(const ResourceTable& table, absl::string_view group, absl::string_view version) {
  const ServedGroup::Version* served = table.FindVersion(group, version);
  if (served == nullptr) return nullptr;
  Value resources = Value::EmptyArray();
  for (const ResourceRef& resource : served->resources) {
    Value entry = {{"name", resource->plural},
                   {"singularName", resource->singular},
                   {"namespaced", resource->namespaced},
                   {"kind", resource->kind},
                   {"verbs", List(resource->verbs)},
                   {"storageVersionHash", StorageVersionHash(*resource)}};
    if (!resource->short_names.empty()) entry.Set("shortNames", List(resource->short_names));
    if (!resource->categories.empty()) entry.Set("categories", List(resource->categories));
    resources.Append(std::move(entry));
    for (const Subresource& subresource : resource->subresources) {
      Value sub = {{"name", absl::StrCat(resource->plural, "/", subresource.name)},
                   {"singularName", ""},
                   {"namespaced", resource->namespaced},
                   {"kind", subresource.kind.kind},
                   {"verbs", List(subresource.verbs)}};
      const bool foreign = subresource.kind.group != resource->group ||
                           subresource.kind.version != resource->version;
      if (foreign) {
        sub.Set("group", subresource.kind.group);
        sub.Set("version", subresource.kind.version);
      }
      resources.Append(std::move(sub));
    }
  }
  const std::string group_version =
      group.empty() ? std::string(version) : absl::StrCat(group, "/", version);
  return Value{{"kind", "APIResourceList"},
               {"apiVersion", "v1"},
               {"groupVersion", group_version},
               {"resources", std::move(resources)}};
}

Value AggregatedDiscovery(const ResourceTable& table, bool core, absl::string_view version) {
  Value items = Value::EmptyArray();
  for (const ServedGroup& group : table.groups()) {
    if (group.name.empty() != core) continue;
    Value versions = Value::EmptyArray();
    for (const ServedGroup::Version& served : group.versions) {
      Value resources = Value::EmptyArray();
      for (const ResourceRef& resource : served.resources) {
        resources.Append(DiscoveryEntry(*resource));
      }
      versions.Append(Value{{"version", served.version},
                            {"resources", std::move(resources)},
                            {"freshness", "Current"}});
    }
    Value metadata = Value::EmptyObject();
    if (!core) metadata.Set("name", group.name);
    items.Append(Value{{"metadata", std::move(metadata)}, {"versions", std::move(versions)}});
  }
  return Value{{"kind", "APIGroupDiscoveryList"},
               {"apiVersion", absl::StrCat("apidiscovery.k8s.io/", version)},
               {"metadata", Value::EmptyObject()},
               {"items", std::move(items)}};
}

std::optional<http::ServerResponse> ServeDiscovery(const ResourceTable& table,
                                                   absl::string_view path,
                                                   const http::Headers& headers) {
  const std::vector<std::string> parts = absl::StrSplit(path, '/', absl::SkipEmpty());
  const bool core = !parts.empty() && parts[0] == "api";
  if (parts.empty() || (!core && parts[0] != "apis")) return std::nullopt;
  if (parts.size() == 1) {
    for (const MediaType& media : ParseAccept(headers.Get("Accept"))) {
      const absl::string_view version = media.Get("v");
      if (media.Get("as") == "APIGroupDiscoveryList" && media.Get("g") == "apidiscovery.k8s.io" &&
          media.type == "application/json" && (version == "v2" || version == "v2beta1")) {
        return Aggregated(table, core, media);
      }
      if (media.type == "application/json" && media.Get("as").empty()) break;
    }
    return RenderValue(200, core ? CoreVersions() : GroupList(table));
  }
  Value answer;
  if (core && parts.size() == 2) {
    answer = ResourceList(table, "", parts[1]);
  } else if (!core && parts.size() == 2) {
    answer = Group(table, parts[1]);
  } else if (!core && parts.size() == 3) {
    answer = ResourceList(table, parts[1], parts[2]);
  } else {
    return std::nullopt;
  }
  if (answer.is_null()) return RenderText(404, "404 page not found\n");
  return RenderValue(200, answer);
}

}  // namespace sluice::devapi
