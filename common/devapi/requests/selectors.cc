// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/requests/selectors.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/devapi/builtin_validation/names.h"

namespace sluice::devapi {
namespace {

constexpr size_t kMaxSelector = 64 << 10;

// Fields beyond metadata.name and metadata.namespace by which a built-in kind can be selected.
const std::vector<std::string>& SelectableFields(const Resource& resource) {
  static const auto* const kFields = new std::map<std::string, std::vector<std::string>>{
      {"pods",
       {"spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
        "spec.hostNetwork", "status.phase", "status.podIP", "status.podIPs",
        "status.nominatedNodeName"}},
      {"events",
       {"involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
        "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
        "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type"}},
      {"secrets", {"type"}},
      {"namespaces", {"status.phase"}},
      {"nodes", {"spec.unschedulable"}},
      {"services", {"spec.clusterIP", "spec.type"}},
      {"replicationcontrollers", {"status.replicas"}},
      {"jobs.batch", {"status.successful"}},
      {"certificatesigningrequests.certificates.k8s.io", {"spec.signerName"}},
  };
  static const auto* const kNewEvents = new std::vector<std::string>{
      "reason",         "regarding.kind",      "regarding.namespace",
      "regarding.name", "regarding.uid",       "regarding.apiVersion",
      "type",           "regarding.fieldPath", "regarding.resourceVersion",
      "source",         "reportingController"};
  if (resource.group == "events.k8s.io") return *kNewEvents;
  static const auto* const kNone = new std::vector<std::string>;
  const auto found = kFields->find(resource.storage);
  return found == kFields->end() ? *kNone : found->second;
}

// The text of a field as field selectors compare it.
std::string FieldText(const Value& object, absl::string_view field) {
  const Value* at = &object;
  for (absl::string_view part : absl::StrSplit(field, '.', absl::SkipEmpty())) {
    at = &(*at)[part];
  }
  switch (at->kind()) {
    case Value::Kind::kString:
      return std::string(at->str());
    case Value::Kind::kBool:
      return at->bool_or(false) ? "true" : "false";
    case Value::Kind::kInt:
      return absl::StrCat(at->int_or(0));
    default:
      return "";
  }
}

// Fields whose text is not simply the value at their path.
std::string SelectedText(const Resource& resource, const Value& object, absl::string_view field) {
  if (field == "source") {
    const std::string component = FieldText(object, "source.component");
    return component.empty() ? FieldText(object, "reportingComponent") : component;
  }
  if (resource.storage == "events" && resource.group == "events.k8s.io") {
    // Stored in the form of the core group.
    if (absl::ConsumePrefix(&field, "regarding.")) {
      return FieldText(object, absl::StrCat("involvedObject.", field));
    }
    if (field == "reportingController") field = "reportingComponent";
  }
  std::string text = FieldText(object, field);
  const bool is_flag = field == "spec.unschedulable" || field == "spec.hostNetwork";
  if (text.empty() && is_flag) return "false";
  if (text.empty() && field == "status.successful") {
    text = FieldText(object, "status.succeeded");
    return text.empty() ? "0" : text;
  }
  if (text.empty() && field == "status.replicas") return "0";
  if (text.empty() && resource.storage == "secrets" && field == "type") return "Opaque";
  return text;
}

}  // namespace

// A recursive-descent reader of the label selector language.
class LabelSelectorParser {
 public:
  explicit LabelSelectorParser(absl::string_view text) : text_(text) {}

  absl::StatusOr<LabelSelector> Run() {
    LabelSelector selector;
    if (text_.size() > kMaxSelector) return absl::InvalidArgumentError("selector is too long");
    Advance();
    while (!AtEnd()) {
      ASSIGN_OR_RETURN(LabelSelector::Requirement requirement, ReadRequirement());
      selector.requirements_.push_back(std::move(requirement));
      if (AtEnd()) break;
      if (token_ != ",") return Unexpected("',' or 'end of string'");
      Advance();
      if (AtEnd() || IsOperator(token_)) {
        if (token_ != "!") {
          return absl::InvalidArgumentError(
              absl::StrCat("found '", token_, "', expected: identifier after ','"));
        }
      }
    }
    return selector;
  }

 private:
  using Op = LabelSelector::Op;

  static bool IsSpecial(char c) {
    return c == '=' || c == '!' || c == '(' || c == ')' || c == ',' || c == '>' || c == '<';
  }
  static bool IsOperator(absl::string_view token) { return !token.empty() && IsSpecial(token[0]); }
  bool AtEnd() const { return at_end_; }

  void Advance() {
    while (pos_ < text_.size() && absl::ascii_isspace(text_[pos_])) ++pos_;
    token_.clear();
    at_end_ = pos_ >= text_.size();
    if (at_end_) return;
    const size_t start = pos_;
    if (IsSpecial(text_[pos_])) {
      ++pos_;
      const bool two =
          pos_ < text_.size() && text_[pos_] == '=' && (text_[start] == '=' || text_[start] == '!');
      if (two) ++pos_;
    } else {
      while (pos_ < text_.size() && !IsSpecial(text_[pos_]) && !absl::ascii_isspace(text_[pos_])) {
        ++pos_;
      }
    }
    token_ = std::string(text_.substr(start, pos_ - start));
  }

  absl::Status Unexpected(absl::string_view expected) const {
    return absl::InvalidArgumentError(absl::StrCat("found '", token_, "', expected: ", expected));
  }

  absl::StatusOr<LabelSelector::Requirement> ReadRequirement() {
    LabelSelector::Requirement requirement;
    requirement.op = Op::kExists;
    if (token_ == "!") {
      requirement.op = Op::kAbsent;
      Advance();
    }
    if (AtEnd() || IsOperator(token_)) {
      return Unexpected(requirement.op == Op::kAbsent ? "identifier"
                                                      : "!, identifier, or 'end of string'");
    }
    requirement.key = token_;
    for (const std::string& why : CheckQualifiedName(token_)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "unable to parse requirement: <nil>: Invalid value: \"", token_, "\": ", why));
    }
    Advance();
    if (AtEnd() || token_ == "," || requirement.op == Op::kAbsent) return requirement;
    const std::string op = token_;
    if (op == "=" || op == "==") {
      requirement.op = Op::kIn;
    } else if (op == "!=") {
      requirement.op = Op::kNotIn;
    } else if (op == ">" || op == "<") {
      requirement.op = op == ">" ? Op::kGreater : Op::kLess;
    } else if (op == "in" || op == "notin") {
      requirement.op = op == "in" ? Op::kIn : Op::kNotIn;
      Advance();
      RETURN_IF_ERROR(ReadSet(requirement.key, requirement.values));
      return requirement;
    } else {
      return absl::InvalidArgumentError(absl::StrCat("unable to parse requirement: found '", op,
                                                     "', expected: in, notin, =, ==, !=, gt, lt"));
    }
    Advance();
    if (AtEnd() || token_ == ",") {
      requirement.values.push_back("");
      return requirement;
    }
    if (IsOperator(token_)) {
      return absl::InvalidArgumentError(
          absl::StrCat("unable to parse requirement: found '", token_, "', expected: identifier"));
    }
    RETURN_IF_ERROR(CheckValue(requirement.key, 0, token_));
    requirement.values.push_back(token_);
    Advance();
    int64_t number;
    const bool numeric = requirement.op == Op::kGreater || requirement.op == Op::kLess;
    if (numeric && !absl::SimpleAtoi(requirement.values[0], &number)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "unable to parse requirement: values[0][", requirement.key, "]: Invalid value: \"",
          requirement.values[0], "\": for 'Gt', 'Lt' operators, the value must be an integer"));
    }
    return requirement;
  }

  static absl::Status CheckValue(absl::string_view key, size_t index, absl::string_view value) {
    for (const std::string& why : CheckLabelValue(value)) {
      return absl::InvalidArgumentError(absl::StrCat("unable to parse requirement: values[", index,
                                                     "][", key, "]: Invalid value: \"", value,
                                                     "\": ", why));
    }
    return absl::OkStatus();
  }

  absl::Status ReadSet(const std::string& key, std::vector<std::string>& values) {
    if (token_ != "(") return Unexpected("'('");
    Advance();
    if (token_ == ")") {
      values.push_back("");
      Advance();
      return absl::OkStatus();
    }
    while (true) {
      if (token_ == "," || token_ == ")") {
        values.push_back("");
      } else if (AtEnd() || IsOperator(token_)) {
        return Unexpected("',', ')' or identifier");
      } else {
        RETURN_IF_ERROR(CheckValue(key, values.size(), token_));
        values.push_back(token_);
        Advance();
      }
      if (token_ == ")") break;
      if (token_ != ",") return Unexpected("',' or ')'");
      Advance();
    }
    Advance();
    return absl::OkStatus();
  }

  const absl::string_view text_;
  size_t pos_ = 0;
  std::string token_;
  bool at_end_ = false;
};

absl::StatusOr<LabelSelector> LabelSelector::Parse(absl::string_view text) {
  return LabelSelectorParser(text).Run();
}

absl::StatusOr<LabelSelector> LabelSelector::FromObject(const Value& selector) {
  LabelSelector result;
  for (const value::Member& label : selector["matchLabels"].members()) {
    result.requirements_.push_back({label.key, Op::kIn, {std::string(label.value.str())}});
  }
  for (const Value& expression : selector["matchExpressions"].items()) {
    Requirement requirement;
    requirement.key = std::string(expression["key"].str());
    for (const Value& item : expression["values"].items()) {
      requirement.values.emplace_back(item.str());
    }
    const absl::string_view op = expression["operator"].str();
    if (op == "In") {
      requirement.op = Op::kIn;
    } else if (op == "NotIn") {
      requirement.op = Op::kNotIn;
    } else if (op == "Exists") {
      requirement.op = Op::kExists;
    } else if (op == "DoesNotExist") {
      requirement.op = Op::kAbsent;
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", op, "\" is not a valid label selector operator"));
    }
    result.requirements_.push_back(std::move(requirement));
  }
  return result;
}

bool LabelSelector::Requirement::Matches(const Value& labels) const {
  const Value* found = labels.Find(key);
  const absl::string_view text = found == nullptr ? absl::string_view() : found->str();
  const auto listed = [&] { return std::find(values.begin(), values.end(), text) != values.end(); };
  switch (op) {
    case Op::kExists:
      return found != nullptr;
    case Op::kAbsent:
      return found == nullptr;
    case Op::kIn:
      return found != nullptr && listed();
    case Op::kNotIn:
      return found == nullptr || !listed();
    case Op::kGreater:
    case Op::kLess: {
      int64_t have = 0;
      int64_t bound = 0;
      if (found == nullptr || !absl::SimpleAtoi(text, &have)) return false;
      if (!absl::SimpleAtoi(values[0], &bound)) return false;
      return op == Op::kGreater ? have > bound : have < bound;
    }
  }
  return false;
}

bool LabelSelector::Matches(const Value& labels) const {
  return std::all_of(requirements_.begin(), requirements_.end(),
                     [&](const Requirement& requirement) { return requirement.Matches(labels); });
}

absl::StatusOr<FieldSelector> FieldSelector::Parse(absl::string_view text) {
  FieldSelector selector;
  if (text.size() > kMaxSelector) return absl::InvalidArgumentError("selector is too long");
  // Terms are cut at commas that no backslash escapes.
  std::vector<std::string> parts(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      parts.back().append(text.substr(i, 2).data(), 2);
      ++i;
    } else if (text[i] == ',') {
      parts.emplace_back();
    } else {
      parts.back().push_back(text[i]);
    }
  }
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    const size_t at = part.find('=');
    if (at == std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("invalid selector: '", text, "'; can't understand '", part, "'"));
    }
    Term term;
    size_t value_at = at + 1;
    if (value_at < part.size() && part[value_at] == '=') ++value_at;
    term.equal = at == 0 || part[at - 1] != '!';
    term.field = part.substr(0, term.equal ? at : at - 1);
    for (size_t i = value_at; i < part.size(); ++i) {
      if (part[i] == '\\' && i + 1 < part.size()) ++i;
      term.value.push_back(part[i]);
    }
    selector.terms_.push_back(std::move(term));
  }
  return selector;
}

absl::Status FieldSelector::CheckSupported(const Resource& resource) const {
  for (const Term& term : terms_) {
    if (term.field == "metadata.name" || term.field == "metadata.namespace") continue;
    if (resource.custom != nullptr) {
      const auto& fields = resource.custom->selectable_fields;
      const std::string path = absl::StrCat(".", term.field);
      if (std::find(fields.begin(), fields.end(), path) != fields.end()) continue;
      return BadRequest(absl::StrCat("field label not supported: ", term.field));
    }
    const auto& fields = SelectableFields(resource);
    if (std::find(fields.begin(), fields.end(), term.field) != fields.end()) continue;
    if (fields.empty()) {
      return BadRequest(absl::StrCat("\"", term.field,
                                     "\" is not a known field selector: only \"metadata.name\", "
                                     "\"metadata.namespace\""));
    }
    return BadRequest(absl::StrCat("field label not supported: ", term.field));
  }
  return absl::OkStatus();
}

bool FieldSelector::Matches(const Resource& resource, const Value& object) const {
  return std::all_of(terms_.begin(), terms_.end(), [&](const Term& term) {
    return (SelectedText(resource, object, term.field) == term.value) == term.equal;
  });
}

std::string FieldSelector::RequiredName() const {
  for (const Term& term : terms_) {
    if (term.field == "metadata.name" && term.equal) return term.value;
  }
  return "";
}

}  // namespace sluice::devapi
