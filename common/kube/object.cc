// SPDX-License-Identifier: Apache-2.0
#include "common/kube/object.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace sluice::kube {

absl::string_view Name(const Value& object) { return object["metadata"]["name"].str(); }
absl::string_view Namespace(const Value& object) { return object["metadata"]["namespace"].str(); }
absl::string_view Uid(const Value& object) { return object["metadata"]["uid"].str(); }
absl::string_view ResourceVersion(const Value& object) {
  return object["metadata"]["resourceVersion"].str();
}
uint64_t VersionNumber(absl::string_view resource_version) {
  uint64_t number = 0;
  return absl::SimpleAtoi(resource_version, &number) ? number : 0;
}

int64_t Generation(const Value& object) { return object["metadata"]["generation"].int_or(0); }
bool Deleting(const Value& object) { return object["metadata"]["deletionTimestamp"].is_string(); }

ObjectKey KeyOf(const Value& object) {
  return {std::string(Namespace(object)), std::string(Name(object))};
}

GroupVersionKind GvkOf(const Value& object) {
  return ParseGvk(object["apiVersion"].str(), object["kind"].str());
}

absl::string_view Label(const Value& object, absl::string_view key) {
  return object["metadata"]["labels"][key].str();
}

absl::string_view Annotation(const Value& object, absl::string_view key) {
  return object["metadata"]["annotations"][key].str();
}

std::string Subject(absl::string_view kind, const ObjectKey& key) {
  return absl::StrCat(kind, "/", key.ToString());
}

std::string Subject(const Value& object) { return Subject(object["kind"].str(), KeyOf(object)); }

void SetMetadataEntry(Value& object, absl::string_view field, absl::string_view key,
                      absl::string_view value) {
  object.Ensure("metadata").Ensure(field).Set(key, value);
}

}  // namespace sluice::kube
