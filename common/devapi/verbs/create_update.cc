// create and update, and how a request's body becomes an object.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/devapi/kinds/strategy.h"
#include "common/devapi/schema/duplicate_fields.h"
#include "common/devapi/schema/object_rules.h"
#include "common/devapi/verbs/body.h"
#include "common/devapi/verbs/verbs.h"
#include "common/devapi/verbs/write.h"

namespace sluice::devapi {
namespace {

// The object's own type must be the resource's; absent parts are filled in.
absl::Status CheckType(const Call& call, Value& object) {
  const Resource& resource = *call.resource;
  const std::string api_version(object["apiVersion"].str());
  const std::string kind(object["kind"].str());
  const std::string wanted = resource.api_version();
  if (resource.custom != nullptr) {
    if (api_version.empty() || kind.empty()) {
      const absl::string_view body = call.body;
      return BadRequest(
          absl::StrCat("the object provided is unrecognized (must be of type ", resource.kind,
                       "): Object '", kind.empty() ? "Kind" : "apiVersion", "' is missing in '",
                       body, "' (", body.substr(0, 40), body.size() > 40 ? " ...)" : ")"));
    }
    if (api_version != wanted) {
      return BadRequest(absl::StrCat("the API version in the data (", api_version,
                                     ") does not match the expected API version (", wanted, ")"));
    }
    if (kind != resource.kind) {
      return Invalid(
          resource.group, kind, object["metadata"]["name"].str(),
          {FieldError{"FieldValueInvalid", "kind",
                      absl::StrCat("Invalid value: \"", kind, "\": must be ", resource.kind)}});
    }
    return absl::OkStatus();
  }
  const std::string given_version = api_version.empty() ? wanted : api_version;
  const std::string given_kind = kind.empty() ? resource.kind : kind;
  if (given_version != wanted || given_kind != resource.kind) {
    const auto [group, version] = SplitApiVersion(given_version);
    const ResourceRef known = call.table->FindKind(group, version, given_kind);
    const std::string subject = absl::StrCat(given_kind, " in version \"", version,
                                             "\" cannot be handled as a ", resource.kind, ": ");
    if (known == nullptr) {
      return BadRequest(absl::StrCat(subject, "no kind \"", given_kind,
                                     "\" is registered for version \"", given_version,
                                     "\" in scheme \"pkg/runtime/scheme.go:110\""));
    }
    if (known->storage != resource.storage) {
      return BadRequest(absl::StrCat(
          subject, "converting (", version, ".", given_kind, ") to (",
          resource.group.empty() ? "core" : resource.group.substr(0, resource.group.find('.')), ".",
          resource.kind, "): unknown conversion"));
    }
    return BadRequest(absl::StrCat("the API version in the data (", given_version,
                                   ") does not match the expected API version (", wanted, ")"));
  }
  object.Set("apiVersion", wanted);
  object.Set("kind", resource.kind);
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckPlace(const Call& call, const Value& object) {
  const absl::string_view ns = object["metadata"]["namespace"].str();
  if (call.resource->namespaced && !ns.empty() && ns != call.info.ns) {
    return BadRequest(
        "the namespace of the provided object does not match the namespace sent on the request");
  }
  const absl::string_view name = object["metadata"]["name"].str();
  if (!call.info.name.empty() && !name.empty() && name != call.info.name) {
    return BadRequest(absl::StrCat("the name of the object (", name,
                                   ") does not match the name on the URL (", call.info.name, ")"));
  }
  if (!call.info.name.empty() && name.empty()) {
    return BadRequest(absl::StrCat("the name of the object (", call.info.name,
                                   " based on URL) was undeterminable: name must be provided"));
  }
  return absl::OkStatus();
}

absl::Status FinishDecoding(Cluster& cluster, Call& call, const WriteOptions& options,
                            absl::string_view sent, Value& object) {
  std::vector<std::string> unknown;
  if (options.validation != FieldValidation::kIgnore) {
    for (const std::string& path : DuplicateFields(sent)) {
      unknown.push_back(absl::StrCat("duplicate field \"", path, "\""));
    }
  }
  const Value& recorded = object["metadata"]["managedFields"];
  const bool resets = recorded.is_array() && recorded.empty();
  RETURN_IF_ERROR(cluster.rules().Decode(*call.resource, object, unknown));
  if (resets) {
    // The decoder drops empty lists, but this one says that ownership starts anew.
    object.Ensure("metadata").Set("managedFields", Value(Value::Array{Value::EmptyObject()}));
  }
  if (unknown.empty() || options.validation == FieldValidation::kIgnore) return absl::OkStatus();
  if (options.validation == FieldValidation::kStrict) {
    return absl::InvalidArgumentError(
        absl::StrCat("strict decoding error: ", absl::StrJoin(unknown, ", ")));
  }
  call.warnings.insert(call.warnings.end(), unknown.begin(), unknown.end());
  return absl::OkStatus();
}

absl::StatusOr<Value> DecodeBody(Cluster& cluster, Call& call, const WriteOptions& options) {
  ASSIGN_OR_RETURN(Value object, ParseBody(cluster, call, call.resource->kind));
  RETURN_IF_ERROR(CheckType(call, object));
  const bool json = call.content_type.empty() || call.content_type == "application/json";
  const absl::Status decoded = FinishDecoding(
      cluster, call, options, json ? absl::string_view(call.body) : absl::string_view(), object);
  if (!decoded.ok()) {
    return BadRequest(absl::StrCat(call.resource->kind, " in version \"", call.resource->version,
                                   "\" cannot be handled as a ", call.resource->kind, ": ",
                                   decoded.message()));
  }
  RETURN_IF_ERROR(CheckPlace(call, object));
  return object;
}

absl::StatusOr<Reply> Create(Cluster& cluster, Call& call) {
  ASSIGN_OR_RETURN(const WriteOptions options, ParseWriteOptions(call.query, "CreateOptions"));
  ASSIGN_OR_RETURN(Value object, DecodeBody(cluster, call, options));
  ASSIGN_OR_RETURN(const ObjectRef created,
                   CreateObject(cluster, call, options, std::move(object)));
  return Reply{201, created};
}

absl::StatusOr<Reply> Update(Cluster& cluster, Call& call) {
  ASSIGN_OR_RETURN(const WriteOptions options, ParseWriteOptions(call.query, "UpdateOptions"));
  ASSIGN_OR_RETURN(Value object, DecodeBody(cluster, call, options));
  const ObjectKey key = call.key();
  const bool exists = cluster.store().Find(call.resource->storage, key) != nullptr;
  if (!exists && call.info.subresource.empty() && StrategyOf(*call.resource).create_on_update) {
    if (object["metadata"]["resourceVersion"].str().empty()) {
      ASSIGN_OR_RETURN(const ObjectRef created, CreateObject(cluster, call, options, object));
      return Reply{201, created};
    }
  }
  const Mutation mutation = {[&](const Value& current) -> absl::StatusOr<Value> {
    const absl::string_view uid = object["metadata"]["uid"].str();
    const absl::string_view current_uid = current["metadata"]["uid"].str();
    if (!uid.empty() && uid != current_uid) {
      return Conflict(
          call.group_resource(), key.name,
          absl::StrCat("StorageError: invalid object, Code: 4, Key: /registry/",
                       call.resource->plural, "/", key.ns.empty() ? "" : key.ns + "/", key.name,
                       ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: "
                       "UID in precondition: ",
                       uid, ", UID in object meta: ", current_uid));
    }
    Value next = object;
    if (call.resource->namespaced) next.Ensure("metadata").Set("namespace", key.ns);
    return next;
  }};
  ASSIGN_OR_RETURN(const ObjectRef updated, UpdateObject(cluster, call, options, mutation));
  return Reply{200, updated};
}

}  // namespace sluice::devapi
