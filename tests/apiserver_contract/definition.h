// Definition: a custom kind of the test's own, served from construction to destruction.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tests/apiserver_contract/target.h"

namespace sluice::apiserver_contract {

inline constexpr char kDefinitions[] = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

class Definition {
 public:
  // Kind W, plural ws, of a group of its own; one version, v1, with the status subresource.
  // `schema` is its openAPIV3Schema.
  Definition(Target& api, const Value& schema);
  ~Definition();
  Definition(const Definition&) = delete;
  Definition& operator=(const Definition&) = delete;

  const std::string& group() const { return group_; }
  // Where the definition is.
  std::string self() const { return std::string(kDefinitions) + "/ws." + group_; }
  // The collection in `ns`.
  std::string Path(const Namespace& ns) const { return ns.Path(group_ + "/v1", "ws"); }
  Value Object(const std::string& name, Value spec) const;
  // The message with which the object `name` is refused for `faults`; "" for "".
  std::string Refused(const std::string& name, const std::string& faults) const;
  // Replaces the schema. A real server takes it up a moment later.
  Answer SetSchema(const Value& schema) const;

 private:
  Value Versions(const Value& schema) const;

  Target& api_;
  std::string group_;
};

}  // namespace sluice::apiserver_contract
