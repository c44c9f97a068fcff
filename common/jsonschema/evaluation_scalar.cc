// What holds for one value without its parts: its type, given values, formats, texts and numbers.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/jsonschema/evaluation.h"
#include "common/text/utf8.h"

namespace sluice::jsonschema {
namespace {

Number NumberOf(const Constant& constant) {
  if (constant.text != nullptr && !constant.text->literals.empty()) {
    const auto literal = constant.text->literals.find(constant.value);
    if (literal != constant.text->literals.end()) {
      if (const auto number = Number::Parse(literal->second)) return *number;
    }
  }
  return Number::Of(*constant.value);
}

bool IsWhole(const Value& value) {
  const double number = value.double_or(0);
  return value.is_integer() || number == std::floor(number);
}

// Characters as Go counts them.
int64_t CharacterCount(absl::string_view text) {
  int64_t count = 0;
  while (!text.empty()) {
    text.remove_prefix(text::DecodeFirst(text).size);
    ++count;
  }
  return count;
}

bool IsCollection(const Constant& constant) {
  return constant.value->is_array() || constant.value->is_object();
}

}  // namespace

absl::string_view TypeName(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "null";
    case Value::Kind::kBool:
      return "boolean";
    case Value::Kind::kDouble:
      return std::isfinite(value.double_or(0)) ? "number" : "";
    case Value::Kind::kString:
      return "string";
    case Value::Kind::kArray:
      return "array";
    case Value::Kind::kObject:
      return "object";
    default:
      return "number";
  }
}

uint8_t TypeBitsOf(const Value& value) {
  const uint8_t bits = TypeBitOf(TypeName(value));
  return value.is_number() && IsWhole(value) ? bits | kIntegerType : bits;
}

bool Equal(const Constant& a, const Constant& b) {
  const Value& left = *a.value;
  const Value& right = *b.value;
  if (left.is_number() || right.is_number()) {
    if (!left.is_number() || !right.is_number()) return false;
    if (TypeName(left).empty() || TypeName(right).empty()) return false;
    return NumberOf(a).Compare(NumberOf(b)) == 0;
  }
  if (left.kind() != right.kind() || left.size() != right.size()) return false;
  if (left.is_array()) {
    for (size_t i = 0; i < left.items().size(); ++i) {
      if (!Equal({&left.items()[i], a.text}, {&right.items()[i], b.text})) return false;
    }
    return true;
  }
  if (left.is_object()) {
    for (size_t i = 0; i < left.members().size(); ++i) {
      const value::Member& one = left.members()[i];
      const value::Member& other = right.members()[i];
      if (one.key != other.key || !Equal({&one.value, a.text}, {&other.value, b.text})) {
        return false;
      }
    }
    return true;
  }
  return left == right;
}

std::string Shown(const Constant& constant) {
  const Value& value = *constant.value;
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "<nil>";
    case Value::Kind::kString:
      return SingleQuoted(value.str());
    case Value::Kind::kArray:
    case Value::Kind::kObject:
      return "value";
    default:
      return constant.text->LiteralOf(value);
  }
}

FailurePtr Application::CheckType() {
  if (schema_->types == 0 || (schema_->types & TypeBitsOf(value_)) != 0) return nullptr;
  return FindingOf(
      [&] { return absl::StrCat("got ", TypeName(value_), ", want ", TypeNames(schema_->types)); });
}

FailurePtr Application::CheckConstants() {
  const Constant value{&value_, nullptr};
  if (schema_->constant.has_value() && !Equal(value, *schema_->constant)) {
    return FindingOf([&] {
      return IsCollection(*schema_->constant)
                 ? "'const' failed"
                 : absl::StrCat("value must be ", Shown(*schema_->constant));
    });
  }
  if (!schema_->has_enumeration) return nullptr;
  const std::vector<Constant>& constants = schema_->enumeration;
  evaluation_.Charge(constants.size() / 16);
  const auto equals = [&](const Constant& constant) { return Equal(value, constant); };
  if (std::any_of(constants.begin(), constants.end(), equals)) return nullptr;
  return FindingOf([&]() -> std::string {
    if (std::any_of(constants.begin(), constants.end(), IsCollection)) return "'enum' failed";
    std::string shown;
    for (const Constant& constant : constants) {
      absl::StrAppend(&shown, shown.empty() ? "" : ", ", Shown(constant));
    }
    return absl::StrCat(constants.size() == 1 ? "value must be " : "value must be one of ", shown);
  });
}

FailurePtr Application::CheckFormat() {
  if (schema_->format == nullptr || !value_.is_string()) return nullptr;
  evaluation_.Charge(value_.str().size() / 64);
  const FormatFault fault = schema_->format->check(value_.str());
  if (!fault.has_value()) return nullptr;
  return FindingOf([&] {
    return absl::StrCat(SingleQuoted(value_.str()), " is not valid ", schema_->format->name, ": ",
                        *fault);
  });
}

void Application::CheckString(const StringRules& rules) {
  const absl::string_view text = value_.str();
  evaluation_.Charge(text.size() / 64);
  const auto counted = [](absl::string_view keyword, int64_t got, int64_t want) {
    return absl::StrCat(keyword, ": got ", CountForMessage(got), ", want ", CountForMessage(want));
  };
  if (rules.min_length.has_value() || rules.max_length.has_value()) {
    const int64_t length = CharacterCount(text);
    if (rules.min_length.has_value() && length < *rules.min_length) {
      Add([&] { return counted("minLength", length, *rules.min_length); });
    }
    if (rules.max_length.has_value() && length > *rules.max_length) {
      Add([&] { return counted("maxLength", length, *rules.max_length); });
    }
  }
  if (rules.pattern.has_value() && !rules.pattern->MatchesIn(text)) {
    Add([&] {
      return absl::StrCat(SingleQuoted(text), " does not match pattern ",
                          SingleQuoted(rules.pattern->text()));
    });
  }
}

void Application::CheckNumber(const NumberRules& rules) {
  const Number number = Number::Of(value_);
  const auto bound = [&](absl::string_view keyword, const Number& want) {
    return absl::StrCat(keyword, ": got ", number.ForMessage(), ", want ", want.ForMessage());
  };
  if (rules.minimum.has_value() && number.Compare(*rules.minimum) < 0) {
    Add([&] { return bound("minimum", *rules.minimum); });
  }
  if (rules.maximum.has_value() && number.Compare(*rules.maximum) > 0) {
    Add([&] { return bound("maximum", *rules.maximum); });
  }
  if (rules.exclusive_minimum.has_value() && number.Compare(*rules.exclusive_minimum) <= 0) {
    Add([&] { return bound("exclusiveMinimum", *rules.exclusive_minimum); });
  }
  if (rules.exclusive_maximum.has_value() && number.Compare(*rules.exclusive_maximum) >= 0) {
    Add([&] { return bound("exclusiveMaximum", *rules.exclusive_maximum); });
  }
  if (rules.multiple_of.has_value()) {
    evaluation_.Charge(16);
    if (!number.IsMultipleOf(*rules.multiple_of)) {
      Add([&] { return bound("multipleOf", *rules.multiple_of); });
    }
  }
}

}  // namespace sluice::jsonschema
