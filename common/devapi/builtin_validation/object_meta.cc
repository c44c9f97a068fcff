// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/object_meta.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace sluice::devapi {
namespace {

constexpr size_t kMaxAnnotationBytes = 256 * 1024;

void Add(const FieldPath& path, const Value& value, const Messages& messages, FieldErrors& errors) {
  for (const std::string& message : messages) errors.push_back(InvalidValue(path, value, message));
}

void ValidateAnnotations(const Value& annotations, const FieldPath& path, FieldErrors& errors) {
  size_t bytes = 0;
  for (const value::Member& member : annotations.members()) {
    Add(path, Value(member.key), CheckQualifiedName(absl::AsciiStrToLower(member.key)), errors);
    bytes += member.key.size() + member.value.str().size();
  }
  if (bytes > kMaxAnnotationBytes) errors.push_back(TooLong(path, kMaxAnnotationBytes));
}

void ValidateOwners(const Value& owners, const FieldPath& path, FieldErrors& errors) {
  std::string controller;
  for (const Value& owner : owners.items()) {
    if (owner["apiVersion"].str().empty()) {
      const FieldPath field = path.Child("apiVersion");
      errors.push_back(InvalidValue(field, "", "version must not be empty"));
    }
    for (const char* name : {"kind", "name", "uid"}) {
      const FieldPath field = path.Child(name);
      if (owner[name].str().empty()) errors.push_back(InvalidValue(field, "", "must not be empty"));
    }
    if (owner["apiVersion"].str() == "v1" && owner["kind"].str() == "Event") {
      errors.push_back(
          InvalidValue(path, owner, "/v1, Kind=Event is disallowed from being an owner"));
    }
    if (!owner["controller"].bool_or(false)) continue;
    std::string name = absl::StrCat(owner["kind"].str(), "/", owner["name"].str());
    if (!controller.empty()) {
      errors.push_back(InvalidValue(
          path, owners,
          absl::StrCat("Only one reference can have Controller set to true. Found \"true\" in "
                       "references for ",
                       controller, " and ", name)));
    } else {
      controller = std::move(name);
    }
  }
}

void ValidateFinalizers(const Value& finalizers, bool builtin, const FieldPath& path,
                        FieldErrors& errors) {
  bool orphan = false;
  bool foreground = false;
  for (const Value& finalizer : finalizers.items()) {
    Add(path, finalizer, CheckQualifiedName(finalizer.str()), errors);
    orphan = orphan || finalizer.str() == "orphan";
    foreground = foreground || finalizer.str() == "foregroundDeletion";
  }
  if (orphan && foreground) {
    errors.push_back(InvalidValue(path, finalizers,
                                  "finalizer orphan and foregroundDeletion cannot be both set"));
  }
  if (!builtin) return;
  for (size_t i = 0; i < finalizers.size(); ++i) {
    const absl::string_view name = finalizers.at(i).str();
    if (absl::StrContains(name, "/") || name == "kubernetes" || name == "orphan" ||
        name == "foregroundDeletion") {
      continue;
    }
    const FieldPath item = path.Index(i);
    errors.push_back(
        InvalidValue(item, finalizers.at(i),
                     "name is neither a standard finalizer name nor is it fully qualified"));
  }
}

// What holds at a create and at an update.
void ValidateCommon(const Value& metadata, const FieldPath& path, FieldErrors& errors) {
  const FieldPath labels = path.Child("labels");
  ValidateLabels(metadata["labels"], labels, errors);
  const FieldPath annotations = path.Child("annotations");
  ValidateAnnotations(metadata["annotations"], annotations, errors);
  const FieldPath owners = path.Child("ownerReferences");
  ValidateOwners(metadata["ownerReferences"], owners, errors);
}

}  // namespace

void ValidateLabels(const Value& labels, const FieldPath& path, FieldErrors& errors) {
  for (const value::Member& member : labels.members()) {
    Add(path, Value(member.key), CheckQualifiedName(member.key), errors);
    Add(path, member.value, CheckLabelValue(member.value.str()), errors);
  }
}

void ValidateObjectMeta(const Value& metadata, const MetadataRules& rules, FieldErrors& errors) {
  const FieldPath root;
  const FieldPath path = root.Child("metadata");
  const FieldPath prefix = path.Child("generateName");
  if (const Value& text = metadata["generateName"]; !text.str().empty()) {
    Add(prefix, text, CheckName(rules.name, text.str(), true), errors);
  }
  const FieldPath name = path.Child("name");
  if (const Value& text = metadata["name"]; text.str().empty()) {
    errors.push_back(Required(name, "name or generateName is required"));
  } else {
    Add(name, text, CheckName(rules.name, text.str(), false), errors);
  }
  const FieldPath ns = path.Child("namespace");
  if (const Value& text = metadata["namespace"]; !rules.namespaced) {
    if (!text.str().empty()) errors.push_back(ForbiddenField(ns, "not allowed on this type"));
  } else if (text.str().empty()) {
    errors.push_back(Required(ns));
  } else {
    Add(ns, text, CheckDnsLabel(text.str()), errors);
  }
  const FieldPath generation = path.Child("generation");
  if (metadata["generation"].int_or(0) < 0) {
    errors.push_back(
        InvalidValue(generation, metadata["generation"], "must be greater than or equal to 0"));
  }
  ValidateCommon(metadata, path, errors);
  const FieldPath finalizers = path.Child("finalizers");
  ValidateFinalizers(metadata["finalizers"], rules.builtin, finalizers, errors);
}

void ValidateObjectMetaUpdate(const Value& old, const Value& metadata, const MetadataRules& rules,
                              FieldErrors& errors) {
  const FieldPath root;
  const FieldPath path = root.Child("metadata");
  const FieldPath finalizers = path.Child("finalizers");
  if (!old["deletionTimestamp"].is_null()) {
    std::vector<std::string> added;
    for (const Value& finalizer : metadata["finalizers"].items()) {
      const std::span<const Value> before = old["finalizers"].items();
      if (std::find(before.begin(), before.end(), finalizer) == before.end()) {
        added.push_back(absl::StrCat("\"", finalizer.str(), "\""));
      }
    }
    std::sort(added.begin(), added.end());
    if (!added.empty()) {
      errors.push_back(ForbiddenField(
          finalizers, absl::StrCat("no new finalizers can be added if the object is being deleted, "
                                   "found new finalizers []string{",
                                   absl::StrJoin(added, ", "), "}")));
    }
  }
  const FieldPath version = path.Child("resourceVersion");
  if (metadata["resourceVersion"].str().empty()) {
    errors.push_back(InvalidValue(version, "", "must be specified for an update"));
  }
  for (const char* name : {"name", "namespace", "uid", "creationTimestamp", "deletionTimestamp",
                           "deletionGracePeriodSeconds"}) {
    const FieldPath field = path.Child(name);
    if (metadata[name] != old[name]) {
      errors.push_back(InvalidValue(field, metadata[name], "field is immutable"));
    }
  }
  ValidateCommon(metadata, path, errors);
  if (rules.builtin) ValidateFinalizers(metadata["finalizers"], true, finalizers, errors);
}

}  // namespace sluice::devapi
