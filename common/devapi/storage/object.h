// Object: one stored version of one Kubernetes object, shared by the store, lists and watches.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::devapi {

struct ObjectKey {
  std::string ns;  // "" for cluster-scoped objects
  std::string name;

  friend bool operator==(const ObjectKey& a, const ObjectKey& b) = default;
  friend auto operator<=>(const ObjectKey& a, const ObjectKey& b) = default;
};

// Immutable and thread-safe.
class Object {
 public:
  // `value` carries its metadata.resourceVersion already.
  Object(Value value, uint64_t version);

  const Value& value() const { return value_; }
  // metadata.resourceVersion as a number.
  uint64_t version() const { return version_; }
  absl::string_view name() const { return value_["metadata"]["name"].str(); }
  absl::string_view ns() const { return value_["metadata"]["namespace"].str(); }
  absl::string_view uid() const { return value_["metadata"]["uid"].str(); }
  bool deleting() const { return !value_["metadata"]["deletionTimestamp"].is_null(); }
  ObjectKey key() const { return {std::string(ns()), std::string(name())}; }

  // The JSON text without apiVersion and kind, "{" included, made on first use. What every response
  // and watch event of this version copies from, whatever apiVersion it is asked in.
  const std::string& body() const;

  // Bytes of the value's text, roughly; what logs of changes are bounded by.
  size_t size() const { return size_; }

 private:
  const Value value_;
  const uint64_t version_;
  const size_t size_;
  mutable std::once_flag serialised_;
  mutable std::string body_;
};

using ObjectRef = std::shared_ptr<const Object>;

// The JSON text of `value` without apiVersion and kind.
std::string BodyJson(const Value& value);
// `body` (from BodyJson) with the type put in front: {"kind":...,"apiVersion":...,<body>.
void AppendTyped(std::string& out, absl::string_view api_version, absl::string_view kind,
                 absl::string_view body);

}  // namespace sluice::devapi
