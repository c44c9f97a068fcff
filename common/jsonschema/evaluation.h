// Applies schemas to a value.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/jsonschema/documents.h"
#include "common/jsonschema/failure.h"
#include "common/jsonschema/node.h"
#include "common/jsonschema/schema.h"

namespace sluice::jsonschema {

// One value against one schema: what it costs, and where we are in the value.
class Evaluation {
 public:
  // `resources` are those of a document that is itself the value, if it has several: each is held
  // against its own metaschema. Null otherwise. They outlive the evaluation.
  Evaluation(const Limits& limits, const Resources* resources)
      : limits_(limits), resources_(resources) {}

  // Why `value` is not valid, nothing if it is. kOutOfRange if a limit is reached. The failures
  // must go before the evaluation.
  absl::StatusOr<std::vector<FailurePtr>> Run(const Node& schema, const Value& value);

 private:
  friend class Application;

  // A member's name or an item's index.
  using Token = std::variant<absl::string_view, size_t>;

  // Findings of `value` on its own, as if it were not part of anything.
  std::vector<FailurePtr> Apart(const Node& schema, const Value& value);
  std::string Pointer() const;
  FailurePtr Finding(Failure::Kind kind, std::string message);
  // Whether so much is to be told already that nothing more will be.
  bool full() const {
    // Room for branches that fail and are dropped again.
    return ledger_.findings > 4 * limits_.max_findings ||
           ledger_.bytes > 4 * limits_.max_message_bytes;
  }
  void Charge(size_t steps);

  const Limits limits_;
  const Resources* const resources_;
  Ledger ledger_;
  std::vector<Token> path_;
  size_t steps_ = 0;
  size_t depth_ = 0;
  // Not OK once a limit is reached; from then on everything fails at once.
  absl::Status exceeded_;
};

// How we came to a schema, for references that depend on it.
struct Scope {
  const Node* schema;
  absl::string_view keyword;  // "$ref" and its like, if that is how
  size_t value_depth;         // equal for schemas that are applied to the same value
  const Scope* parent;
};

// Properties and items that no schema has looked at yet, as far as somebody will ask.
struct Unevaluated {
  // Those of `value` for `schema`, if it or its caller asks.
  static Unevaluated Of(const Value& value, const Node& schema, bool caller_asks);

  bool empty() const { return properties.empty() && items.empty(); }
  // Keeps what `other` has not evaluated either.
  void Intersect(const Unevaluated& other);

  std::set<absl::string_view> properties;
  std::set<size_t> items;
};

// One schema applied to one value.
class Application {
 public:
  Application(Evaluation& evaluation, const Node& schema, const Value& value, const Scope* parent,
              absl::string_view keyword, size_t value_depth, bool caller_asks, bool only_verdict,
              const Node* metaschema);

  // Null if the value is valid.
  FailurePtr Run();
  const Unevaluated& unevaluated() const { return unevaluated_; }

 private:
  // The assertions whose failure ends the application; null if none fails.
  FailurePtr CheckFirst();
  FailurePtr CheckCycle();
  FailurePtr CheckType();
  FailurePtr CheckConstants();
  FailurePtr CheckFormat();
  // The others collect findings.
  void CheckObject(const ObjectRules& rules);
  void CheckObjectCounts(const ObjectRules& rules);
  void CheckMembers(const ObjectRules& rules);
  void CheckDependencies(const ObjectRules& rules);
  void CheckPropertyNames(const Node& schema);
  void CheckDependents(const ObjectRules& rules);
  void CheckArray(const ArrayRules& rules);
  void CheckUnique();
  void CheckItems(const ArrayRules& rules);
  void CheckContains(const ArrayRules& rules);
  void CheckString(const StringRules& rules);
  void CheckNumber(const NumberRules& rules);
  void CheckDynamicReferences();
  void CheckLogic(const LogicRules& rules);
  void CheckAllOf(const LogicRules& rules);
  void CheckAnyOf(const LogicRules& rules);
  void CheckOneOf(const LogicRules& rules);
  void CheckUnevaluated();

  FailurePtr ApplyHere(const Node& schema, absl::string_view keyword, bool only_verdict);
  FailurePtr ApplyTo(const Node& schema, const Value& value, Evaluation::Token token);
  FailurePtr ApplyReference(const Node& target, absl::string_view keyword);
  const Node* SwitchedMetaschema(const Node& schema) const;

  // A finding with the message that `make` returns, which is not made if nobody will read it.
  template <typename MessageMaker>
  FailurePtr FindingOf(MessageMaker make) {
    if (only_verdict_) return std::make_unique<Failure>();
    return evaluation_.Finding(Failure::Kind::kFinding,
                               evaluation_.full() ? std::string() : std::string(make()));
  }
  template <typename MessageMaker>
  void Add(MessageMaker make) {
    AddIfAny(FindingOf(make));
  }
  template <typename MessageMaker>
  void AddWithCauses(std::vector<FailurePtr> causes, MessageMaker make) {
    FailurePtr failure = FindingOf(make);
    if (!failure->left_out) failure->causes = std::move(causes);
    AddIfAny(std::move(failure));
  }
  void AddIfAny(FailurePtr failure) {
    if (failure != nullptr) Keep(std::move(failure), failures_);
  }
  std::vector<std::string> Missing(std::span<const std::string> required) const;
  bool settled() const { return only_verdict_ && !failures_.empty(); }

  Evaluation& evaluation_;
  const Node* schema_;
  const Value& value_;
  const bool only_verdict_;
  const Node* metaschema_;  // the one of the resource at hand, if the value is a schema
  Scope scope_;
  Unevaluated unevaluated_;
  std::vector<FailurePtr> failures_;
};

// Equality of JSON: 1 and 1.0 are equal, whatever digits they are written with.
bool Equal(const Constant& a, const Constant& b);

// The first two items that are equal, if any: j < i of the smallest i, then the smallest j.
std::optional<std::pair<size_t, size_t>> FirstDuplicate(std::span<const Value> items);

// "null", "number", "object"; empty for NaN and infinities.
absl::string_view TypeName(const Value& value);
uint8_t TypeBitsOf(const Value& value);

// A scalar as messages show it; a string in quotes, a number as it is written.
std::string Shown(const Constant& constant);

}  // namespace sluice::jsonschema
