// SPDX-License-Identifier: Apache-2.0
#include "tests/apiserver_contract/definition.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace sluice::apiserver_contract {

Definition::Definition(Target& api, const Value& schema)
    : api_(api), group_(Unique("d") + ".example.com") {
  api_.Post(kDefinitions, Value{{"metadata", Value{{"name", "ws." + group_}}},
                                {"spec", Value{{"group", group_},
                                               {"scope", "Namespaced"},
                                               {"names", Value{{"plural", "ws"}, {"kind", "W"}}},
                                               {"versions", Versions(schema)}}}});
  // A real server serves it a moment later.
  api_.Await(absl::StrCat("/apis/", group_, "/v1/ws"),
             [](const Answer& answer) { return answer.code == 200; });
}

Definition::~Definition() { api_.Delete(self()); }

Value Definition::Versions(const Value& schema) const {
  return Value(Value::Array{Value{{"name", "v1"},
                                  {"served", true},
                                  {"storage", true},
                                  {"schema", Value{{"openAPIV3Schema", schema}}},
                                  {"subresources", Value{{"status", Value::EmptyObject()}}}}});
}

Value Definition::Object(const std::string& name, Value spec) const {
  return Value{{"apiVersion", group_ + "/v1"},
               {"kind", "W"},
               {"metadata", Value{{"name", name}}},
               {"spec", std::move(spec)}};
}

std::string Definition::Refused(const std::string& name, const std::string& faults) const {
  if (faults.empty()) return "";
  return absl::StrCat("W.", group_, " \"", name, "\" is invalid: ", faults);
}

Answer Definition::SetSchema(const Value& schema) const {
  return api_.Patch(self(), kMergePatch, Value{{"spec", Value{{"versions", Versions(schema)}}}});
}

}  // namespace sluice::apiserver_contract
