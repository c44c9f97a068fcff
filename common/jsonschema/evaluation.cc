// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/evaluation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/jsonschema/pointer.h"
#include "common/text/quote.h"

namespace sluice::jsonschema {

absl::StatusOr<std::vector<FailurePtr>> Evaluation::Run(const Node& schema, const Value& value) {
  std::vector<FailurePtr> failures = Apart(schema, value);
  if (!exceeded_.ok()) return exceeded_;
  return failures;
}

std::vector<FailurePtr> Evaluation::Apart(const Node& schema, const Value& value) {
  std::vector<Token> path;
  path.swap(path_);
  Application application(*this, schema, value, nullptr, "", 0, false, false,
                          resources_ == nullptr ? nullptr : &schema);
  FailurePtr failure = application.Run();
  path.swap(path_);
  return failure == nullptr ? std::vector<FailurePtr>() : Ungrouped(std::move(failure));
}

std::string Evaluation::Pointer() const {
  std::string pointer;
  for (const Token& token : path_) {
    const auto* const index = std::get_if<size_t>(&token);
    absl::StrAppend(
        &pointer, "/",
        index != nullptr ? absl::StrCat(*index) : EscapeToken(std::get<absl::string_view>(token)));
  }
  return pointer;
}

FailurePtr Evaluation::Finding(Failure::Kind kind, std::string message) {
  if (full()) {
    auto failure = std::make_unique<Failure>();
    failure->kind = kind;
    failure->left_out = true;
    return failure;
  }
  if (message.size() > limits_.max_message_bytes) message.resize(limits_.max_message_bytes);
  return std::make_unique<Failure>(kind, Pointer(), std::move(message), &ledger_);
}

void Evaluation::Charge(size_t steps) {
  steps_ += steps;
  if (steps_ <= limits_.max_steps || !exceeded_.ok()) return;
  exceeded_ = absl::OutOfRangeError(absl::StrCat("checking against the schema takes more than ",
                                                 limits_.max_steps, " steps (max_steps)"));
}

Unevaluated Unevaluated::Of(const Value& value, const Node& schema, bool caller_asks) {
  Unevaluated result;
  const bool object_asks = schema.object != nullptr && schema.object->unevaluated != nullptr;
  const bool array_asks = schema.array != nullptr && schema.array->unevaluated != nullptr;
  if (value.is_object() && !schema.evaluates_all_properties && (caller_asks || object_asks)) {
    for (const value::Member& member : value.members()) result.properties.insert(member.key);
  }
  if (value.is_array() && !schema.evaluates_all_items && (caller_asks || array_asks)) {
    for (size_t i = schema.evaluated_items; i < value.items().size(); ++i) result.items.insert(i);
  }
  return result;
}

void Unevaluated::Intersect(const Unevaluated& other) {
  for (auto it = properties.begin(); it != properties.end();) {
    it = other.properties.contains(*it) ? std::next(it) : properties.erase(it);
  }
  for (auto it = items.begin(); it != items.end();) {
    it = other.items.contains(*it) ? std::next(it) : items.erase(it);
  }
}

Application::Application(Evaluation& evaluation, const Node& schema, const Value& value,
                         const Scope* parent, absl::string_view keyword, size_t value_depth,
                         bool caller_asks, bool only_verdict, const Node* metaschema)
    : evaluation_(evaluation),
      schema_(&schema),
      value_(value),
      only_verdict_(only_verdict),
      metaschema_(metaschema),
      scope_{&schema, keyword, value_depth, parent},
      unevaluated_(Unevaluated::Of(value, schema, caller_asks)) {
  if (const Node* switched = SwitchedMetaschema(schema)) metaschema_ = schema_ = switched;
  if (!unevaluated_.empty()) {
    evaluation_.Charge((unevaluated_.properties.size() + unevaluated_.items.size()) / 16);
  }
}

// A resource inside a schema that is being checked has a metaschema of its own.
const Node* Application::SwitchedMetaschema(const Node& schema) const {
  if (evaluation_.resources_ == nullptr || &schema != metaschema_) return nullptr;
  const auto found = evaluation_.resources_->find(evaluation_.Pointer());
  return found == evaluation_.resources_->end() ? nullptr : found->second.metaschema;
}

FailurePtr Application::Run() {
  evaluation_.Charge(1);
  if (++evaluation_.depth_ > evaluation_.limits_.max_depth && evaluation_.exceeded_.ok()) {
    evaluation_.exceeded_ =
        absl::OutOfRangeError(absl::StrCat("checking against the schema nests deeper than ",
                                           evaluation_.limits_.max_depth, " schemas (max_depth)"));
  }
  FailurePtr failure = evaluation_.exceeded_.ok() ? CheckFirst() : std::make_unique<Failure>();
  if (failure == nullptr && !schema_->verdict.has_value()) {
    // Up to draft 7 a reference stands alone.
    if (schema_->reference != nullptr) {
      FailurePtr referred = ApplyReference(*schema_->reference, "$ref");
      if (schema_->draft < 2019) {
        --evaluation_.depth_;
        return referred;
      }
      AddIfAny(std::move(referred));
    }
    if (schema_->object != nullptr && value_.is_object()) CheckObject(*schema_->object);
    if (schema_->array != nullptr && value_.is_array()) CheckArray(*schema_->array);
    if (schema_->string != nullptr && value_.is_string()) CheckString(*schema_->string);
    if (schema_->number != nullptr && value_.is_number()) CheckNumber(*schema_->number);
    if (!settled()) {
      CheckDynamicReferences();
      if (schema_->logic != nullptr) CheckLogic(*schema_->logic);
      CheckUnevaluated();
    }
  }
  --evaluation_.depth_;
  if (failure != nullptr || failures_.empty()) return failure;
  if (failures_.size() == 1) return std::move(failures_[0]);
  FailurePtr group = only_verdict_
                         ? std::make_unique<Failure>()
                         : evaluation_.Finding(Failure::Kind::kGroup, "validation failed");
  if (!group->left_out) group->causes = std::move(failures_);
  return group;
}

FailurePtr Application::CheckFirst() {
  if (schema_->verdict.has_value()) {
    return *schema_->verdict ? nullptr : FindingOf([] { return "false schema"; });
  }
  if (FailurePtr cycle = CheckCycle()) return cycle;
  if (TypeName(value_).empty()) return FindingOf([] { return "invalid jsonType float64"; });
  if (FailurePtr failure = CheckType()) return failure;
  if (FailurePtr failure = CheckConstants()) return failure;
  return CheckFormat();
}

FailurePtr Application::CheckCycle() {
  size_t looked_at = 0;
  for (const Scope* scope = scope_.parent; scope != nullptr; scope = scope->parent) {
    if (scope->value_depth != scope_.value_depth) break;
    if (++looked_at % 64 == 0) evaluation_.Charge(1);
    if (scope->schema != schema_) continue;
    evaluation_.Charge(4 * looked_at);  // the message names every step of the way
    const auto path = [](const Scope* at) {
      std::string location;
      for (; at->parent != nullptr; at = at->parent) {
        std::string step = absl::StrCat("/", EscapeToken(at->keyword));
        if (at->keyword.empty()) {
          const std::string here = at->schema->Location();
          step = here.substr(std::min(here.size(), at->parent->schema->Location().size()));
        }
        location.insert(0, step);
      }
      return location;
    };
    return FindingOf([&] {
      return absl::StrCat("both ", path(&scope_), " and ", path(scope), " resolve to ",
                          text::Quote(schema_->Location()), " causing reference cycle");
    });
  }
  return nullptr;
}

FailurePtr Application::ApplyHere(const Node& schema, absl::string_view keyword,
                                  bool only_verdict) {
  Application here(evaluation_, schema, value_, &scope_, keyword, scope_.value_depth,
                   !unevaluated_.empty(), only_verdict_ || only_verdict, metaschema_);
  FailurePtr failure = here.Run();
  if (failure == nullptr && !unevaluated_.empty()) unevaluated_.Intersect(here.unevaluated());
  return failure;
}

FailurePtr Application::ApplyTo(const Node& schema, const Value& value, Evaluation::Token token) {
  evaluation_.path_.push_back(token);
  Application there(evaluation_, schema, value, &scope_, "", scope_.value_depth + 1, false,
                    only_verdict_, metaschema_);
  FailurePtr failure = there.Run();
  evaluation_.path_.pop_back();
  return failure;
}

FailurePtr Application::ApplyReference(const Node& target, absl::string_view keyword) {
  FailurePtr failure = ApplyHere(target, keyword, false);
  if (failure == nullptr || only_verdict_) return failure;
  FailurePtr reference = evaluation_.Finding(Failure::Kind::kReference, "validation failed");
  if (!reference->left_out) reference->causes = Ungrouped(std::move(failure));
  return reference;
}

void Application::CheckDynamicReferences() {
  const bool dynamic =
      schema_->recursive_reference != nullptr || schema_->dynamic_reference.has_value();
  if (dynamic) evaluation_.Charge(1 + evaluation_.depth_ / 16);  // all scopes are looked at
  if (const Node* target = schema_->recursive_reference) {
    // The outermost resource that lets itself be extended.
    if (target->recursive_anchor) {
      for (const Scope* scope = &scope_; scope != nullptr; scope = scope->parent) {
        if (scope->schema->resource->recursive_anchor) target = scope->schema;
      }
    }
    AddIfAny(ApplyReference(*target, "$recursiveRef"));
  }
  if (schema_->dynamic_reference.has_value()) {
    const Node* target = schema_->dynamic_reference->target;
    const std::string& anchor = schema_->dynamic_reference->anchor;
    if (!anchor.empty() && target->dynamic_anchor == anchor) {
      for (const Scope* scope = &scope_; scope != nullptr; scope = scope->parent) {
        const auto& anchors = scope->schema->resource->dynamic_anchors;
        if (const auto found = anchors.find(anchor); found != anchors.end()) {
          target = found->second;
        }
      }
    }
    AddIfAny(ApplyReference(*target, "$dynamicRef"));
  }
}

void Application::CheckUnevaluated() {
  if (schema_->draft < 2019) return;
  if (schema_->object != nullptr && schema_->object->unevaluated != nullptr && value_.is_object()) {
    for (const absl::string_view name : unevaluated_.properties) {
      AddIfAny(ApplyTo(*schema_->object->unevaluated, *value_.Find(name), name));
    }
    unevaluated_.properties.clear();
  }
  if (schema_->array != nullptr && schema_->array->unevaluated != nullptr && value_.is_array()) {
    for (const size_t i : unevaluated_.items) {
      AddIfAny(ApplyTo(*schema_->array->unevaluated, value_.items()[i], i));
    }
    unevaluated_.items.clear();
  }
}

}  // namespace sluice::jsonschema
