// The parts that every Kubernetes object has, read from and written to its Value.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/attributes.h"
#include "absl/strings/string_view.h"
#include "common/kube/gvk.h"
#include "common/kube/object_key.h"
#include "common/value/value.h"

namespace sluice::kube {

// Objects in caches are shared and never changed.
using ObjectPtr = std::shared_ptr<const Value>;

absl::string_view Name(const Value& object ABSL_ATTRIBUTE_LIFETIME_BOUND);
absl::string_view Namespace(const Value& object ABSL_ATTRIBUTE_LIFETIME_BOUND);
absl::string_view Uid(const Value& object ABSL_ATTRIBUTE_LIFETIME_BOUND);
absl::string_view ResourceVersion(const Value& object ABSL_ATTRIBUTE_LIFETIME_BOUND);
// A resourceVersion as a number: those of one resource can be compared (Kubernetes' API conventions
// since 1.35, and true of every etcd-backed server before). 0 for one that is no number.
uint64_t VersionNumber(absl::string_view resource_version);
int64_t Generation(const Value& object);
// Whether metadata.deletionTimestamp is set.
bool Deleting(const Value& object);

ObjectKey KeyOf(const Value& object);
GroupVersionKind GvkOf(const Value& object);

// "" when absent.
absl::string_view Label(const Value& object ABSL_ATTRIBUTE_LIFETIME_BOUND, absl::string_view key);
absl::string_view Annotation(const Value& object ABSL_ATTRIBUTE_LIFETIME_BOUND,
                             absl::string_view key);

// "Kind/ns/name", or "Kind/name" for cluster-scoped objects: how Flux names objects in messages.
std::string Subject(const Value& object);
std::string Subject(absl::string_view kind, const ObjectKey& key);

// Makes a string map of `metadata.<field>` ("labels", "annotations") hold key: value.
void SetMetadataEntry(Value& object, absl::string_view field, absl::string_view key,
                      absl::string_view value);

}  // namespace sluice::kube
