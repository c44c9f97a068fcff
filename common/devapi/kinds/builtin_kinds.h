// The built-in kinds of Kubernetes 1.34: names, verbs and schemas, embedded in the program
// (data/, written by tools/builtin_kinds). Nothing is parsed before it is asked for: making the
// object costs an index of the lines, the first use of a kind its types.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/strings/string_view.h"
#include "common/devapi/schema/schema.h"
#include "common/value/value.h"

namespace sluice::devapi {

struct BuiltinSubresource {
  std::string name;  // "status", "scale", "eviction", ...
  // Of what is sent and answered.
  std::string group;
  std::string version;
  std::string kind;
  std::vector<std::string> verbs;
};

struct BuiltinKind {
  std::string group;  // "" for the core group
  std::string version;
  std::string kind;
  std::string plural;
  std::string singular;
  std::vector<std::string> short_names;
  std::vector<std::string> categories;
  bool namespaced = false;
  std::vector<std::string> verbs;
  std::vector<BuiltinSubresource> subresources;
};

// Thread-safe.
class BuiltinKinds {
 public:
  BuiltinKinds();
  ~BuiltinKinds();
  BuiltinKinds(const BuiltinKinds&) = delete;
  BuiltinKinds& operator=(const BuiltinKinds&) = delete;

  // In discovery order: the preferred groups and versions first.
  std::span<const BuiltinKind> kinds() const ABSL_ATTRIBUTE_LIFETIME_BOUND;

  // The schema of whole objects of a kind, also of those that are only sent or answered (Eviction,
  // Scale, TokenRequest, DeploymentList); nullptr if there is no such type.
  const Schema* SchemaOf(absl::string_view group, absl::string_view version,
                         absl::string_view kind) const ABSL_ATTRIBUTE_LIFETIME_BOUND;

  // metadata of every kind.
  const Schema& object_meta() const ABSL_ATTRIBUTE_LIFETIME_BOUND;

  // A definition as OpenAPI v3 (with the x-go keywords of data/definitions.jsonl); null if there is
  // none.
  Value Definition(absl::string_view name) const;

  // The aggregated discovery document of "/api" and "/apis".
  static Value Discovery(absl::string_view path);
  // The columns of each resource's Table: {"/api/v1/pods": [{name, type, format, priority}, ...]}.
  static Value Columns();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::devapi
