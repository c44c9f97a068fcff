// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/keyword_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/jsonschema/pointer.h"
#include "common/jsonschema/url.h"
#include "common/text/quote.h"

namespace sluice::jsonschema {
namespace {

std::vector<std::string> Strings(const Value& list) {
  std::vector<std::string> strings;
  for (const Value& item : list.items()) {
    if (item.is_string()) strings.emplace_back(item.str());
  }
  return strings;
}

}  // namespace

ObjectRules& KeywordReader::Object() {
  if (node_.object == nullptr) node_.object = std::make_unique<ObjectRules>();
  return *node_.object;
}

ArrayRules& KeywordReader::Array() {
  if (node_.array == nullptr) node_.array = std::make_unique<ArrayRules>();
  return *node_.array;
}

LogicRules& KeywordReader::Logic() {
  if (node_.logic == nullptr) node_.logic = std::make_unique<LogicRules>();
  return *node_.logic;
}

const Node* KeywordReader::One(absl::string_view keyword) {
  if (!schema_.Has(keyword)) return nullptr;
  return compiler_.At(document_, Below(node_.pointer, keyword));
}

std::vector<const Node*> KeywordReader::List(absl::string_view keyword) {
  std::vector<const Node*> nodes;
  for (size_t i = 0; i < schema_[keyword].items().size(); ++i) {
    nodes.push_back(compiler_.At(document_, Below(node_.pointer, keyword, std::to_string(i))));
  }
  return nodes;
}

ByName<const Node*> KeywordReader::Named(absl::string_view keyword) {
  ByName<const Node*> nodes;
  for (const value::Member& member : schema_[keyword].members()) {
    nodes.emplace_back(member.key,
                       compiler_.At(document_, Below(node_.pointer, keyword, member.key)));
  }
  return nodes;
}

absl::StatusOr<const Node*> KeywordReader::Referred(absl::string_view keyword) {
  const Value& reference = schema_[keyword];
  if (!reference.is_string()) return nullptr;
  ASSIGN_OR_RETURN(const Place place,
                   compiler_.documents_.Resolve(document_, resource_, reference.str()));
  return compiler_.At(*place.document, place.pointer);
}

absl::StatusOr<text::Regexp> KeywordReader::Pattern(absl::string_view expression,
                                                    absl::string_view keyword) {
  absl::StatusOr<text::Regexp> compiled = text::Regexp::Compile(expression);
  if (compiled.ok()) return compiled;
  const std::string where =
      absl::StrCat(document_.url, "#", EscapePointer(Below(node_.pointer, keyword)));
  return absl::InvalidArgumentError(absl::StrCat("invalid regex ", text::Quote(expression), " at ",
                                                 text::Quote(where), ": ",
                                                 compiled.status().message()));
}

absl::StatusOr<std::optional<Number>> KeywordReader::NumberOf(absl::string_view keyword) const {
  const Value& value = schema_[keyword];
  if (!value.is_number()) return std::optional<Number>();
  const std::string literal = document_.text->LiteralOf(value);
  std::optional<Number> number = Number::Parse(literal);
  const bool fits = number.has_value() &&
                    (keyword != "multipleOf" || number->digit_count() <= Number::kMaxDivisorDigits);
  if (fits) return number;
  return absl::OutOfRangeError(absl::StrCat("the number of \"", keyword, "\" at ",
                                            text::Quote(node_.Location()),
                                            " has too many digits to be computed with"));
}

std::optional<int64_t> KeywordReader::Count(absl::string_view keyword) const {
  const absl::StatusOr<std::optional<Number>> number = NumberOf(keyword);
  if (!number.ok() || !number->has_value() || !(*number)->IsInteger()) return std::nullopt;
  return (*number)->LowBits();
}

std::optional<bool> KeywordReader::Boolean(absl::string_view keyword) const {
  const Value& value = schema_[keyword];
  return value.is_bool() ? std::optional<bool>(value.bool_or(false)) : std::nullopt;
}

absl::Status KeywordReader::Run() {
  RETURN_IF_ERROR(ReadReferences());
  // Up to draft 7 a reference stands alone, except for what came after draft 4.
  const bool alone = node_.draft < 2019 && node_.reference != nullptr;
  if (!alone && Has("applicator")) {
    ReadLogic();
    RETURN_IF_ERROR(ReadObjectSubschemas());
    ReadDependencies();
    ReadArraySubschemas();
  }
  if (Has("applicator")) ReadLaterSubschemas();
  if (!alone && Has("validation")) RETURN_IF_ERROR(ReadAssertions());
  if (Has("validation") && node_.draft >= 6) {
    const Value* const value = schema_.Find("const");
    if (value != nullptr) node_.constant = Constant{value, document_.text.get()};
  }
  if (!alone) ReadFormat();
  ReadUnevaluated();
  return absl::OkStatus();
}

absl::Status KeywordReader::ReadReferences() {
  ASSIGN_OR_RETURN(node_.reference, Referred("$ref"));
  if (node_.draft >= 2019) {
    ASSIGN_OR_RETURN(node_.recursive_reference, Referred("$recursiveRef"));
    node_.recursive_anchor = Boolean("$recursiveAnchor").value_or(false);
  }
  if (node_.draft >= 2020) {
    ASSIGN_OR_RETURN(const Node* target, Referred("$dynamicRef"));
    if (target != nullptr) {
      const absl::string_view escaped = SplitFragment(schema_["$dynamicRef"].str()).second;
      ASSIGN_OR_RETURN(const std::string fragment, PathUnescape(escaped));
      const bool anchor = !fragment.empty() && fragment[0] != '/';
      node_.dynamic_reference = DynamicReference{target, anchor ? fragment : ""};
    }
    node_.dynamic_anchor = std::string(schema_["$dynamicAnchor"].str());
  }
  return absl::OkStatus();
}

void KeywordReader::ReadLogic() {
  for (const auto& [keyword, member] :
       {std::pair("allOf", &LogicRules::all_of), std::pair("anyOf", &LogicRules::any_of),
        std::pair("oneOf", &LogicRules::one_of)}) {
    std::vector<const Node*> nodes = List(keyword);
    if (!nodes.empty()) Logic().*member = std::move(nodes);
  }
  if (const Node* negated = One("not")) Logic().negated = negated;
}

void KeywordReader::ReadLaterSubschemas() {
  if (node_.draft < 6) return;
  if (const Node* names = One("propertyNames")) Object().property_names = names;
  if (const Node* contains = One("contains")) Array().contains = contains;
  if (node_.draft < 7) return;
  if (const Node* condition = One("if")) {
    Logic().condition = condition;
    const std::optional<bool> fixed = Boolean("if");
    if (fixed.value_or(true)) Logic().then = One("then");
    if (!fixed.value_or(false)) Logic().otherwise = One("else");
  }
}

absl::Status KeywordReader::ReadObjectSubschemas() {
  for (auto& [name, node] : Named("properties")) Object().properties[name] = node;
  for (auto& [expression, node] : Named("patternProperties")) {
    ASSIGN_OR_RETURN(text::Regexp pattern, Pattern(expression, "patternProperties"));
    Object().pattern_properties.emplace_back(std::move(pattern), node);
  }
  if (const std::optional<bool> allowed = Boolean("additionalProperties")) {
    Object().additional_allowed = allowed;
  } else if (const Node* node = One("additionalProperties")) {
    Object().additional = node;
  }
  return absl::OkStatus();
}

void KeywordReader::ReadDependencies() {
  for (const value::Member& member : schema_["dependencies"].members()) {
    if (member.value.is_array()) {
      Object().dependencies.emplace_back(member.key, Strings(member.value));
    } else {
      Object().dependencies.emplace_back(
          member.key, static_cast<const Node*>(compiler_.At(
                          document_, Below(node_.pointer, "dependencies", member.key))));
    }
  }
  if (node_.draft < 2019) return;
  ByName<const Node*> schemas = Named("dependentSchemas");
  if (!schemas.empty()) Object().dependent_schemas = std::move(schemas);
}

void KeywordReader::ReadArraySubschemas() {
  if (node_.draft >= 2020) {
    std::vector<const Node*> prefix = List("prefixItems");
    if (!prefix.empty()) Array().prefix = std::move(prefix);
    if (const Node* items = One("items")) Array().items = items;
  } else if (schema_["items"].is_array()) {
    Array().prefix = List("items");
    if (const std::optional<bool> allowed = Boolean("additionalItems")) {
      Array().additional_allowed = allowed;
    } else if (const Node* additional = One("additionalItems")) {
      Array().items = additional;
    }
  } else if (const Node* items = One("items")) {
    Array().items = items;
  }
}

void KeywordReader::ReadUnevaluated() {
  if (node_.draft < 2019) return;
  if (!Has(node_.draft == 2019 ? "applicator" : "unevaluated")) return;
  if (const Node* node = One("unevaluatedItems")) Array().unevaluated = node;
  if (const Node* node = One("unevaluatedProperties")) Object().unevaluated = node;
}

absl::Status KeywordReader::ReadAssertions() {
  const Value& type = schema_["type"];
  node_.types = TypeBitOf(type.str());
  for (const Value& name : type.items()) node_.types |= TypeBitOf(name.str());
  if (const Value& values = schema_["enum"]; values.is_array()) {
    node_.has_enumeration = true;
    for (const Value& value : values.items()) {
      node_.enumeration.push_back({&value, document_.text.get()});
    }
  }
  RETURN_IF_ERROR(ReadNumbers());
  RETURN_IF_ERROR(ReadStrings());
  ReadArrayCounts();
  ReadObjectCounts();
  return absl::OkStatus();
}

absl::Status KeywordReader::ReadNumbers() {
  NumberRules rules;
  ASSIGN_OR_RETURN(rules.multiple_of, NumberOf("multipleOf"));
  ASSIGN_OR_RETURN(rules.maximum, NumberOf("maximum"));
  ASSIGN_OR_RETURN(rules.minimum, NumberOf("minimum"));
  ASSIGN_OR_RETURN(rules.exclusive_maximum, NumberOf("exclusiveMaximum"));
  ASSIGN_OR_RETURN(rules.exclusive_minimum, NumberOf("exclusiveMinimum"));
  // Draft 4 has booleans that make the other bound an exclusive one.
  if (Boolean("exclusiveMaximum").value_or(false))
    std::swap(rules.maximum, rules.exclusive_maximum);
  if (Boolean("exclusiveMinimum").value_or(false))
    std::swap(rules.minimum, rules.exclusive_minimum);
  const bool any = rules.multiple_of.has_value() || rules.maximum.has_value() ||
                   rules.minimum.has_value() || rules.exclusive_maximum.has_value() ||
                   rules.exclusive_minimum.has_value();
  if (any) node_.number = std::make_unique<NumberRules>(std::move(rules));
  return absl::OkStatus();
}

absl::Status KeywordReader::ReadStrings() {
  StringRules rules;
  rules.min_length = Count("minLength");
  rules.max_length = Count("maxLength");
  if (const Value& pattern = schema_["pattern"]; pattern.is_string()) {
    ASSIGN_OR_RETURN(rules.pattern, Pattern(pattern.str(), "pattern"));
  }
  if (rules.min_length.has_value() || rules.max_length.has_value() || rules.pattern.has_value()) {
    node_.string = std::make_unique<StringRules>(std::move(rules));
  }
  return absl::OkStatus();
}

void KeywordReader::ReadArrayCounts() {
  if (const std::optional<int64_t> count = Count("minItems")) Array().min_items = count;
  if (const std::optional<int64_t> count = Count("maxItems")) Array().max_items = count;
  if (Boolean("uniqueItems").value_or(false)) Array().unique = true;
  if (node_.draft >= 2019 && node_.array != nullptr && node_.array->contains != nullptr) {
    Array().min_contains = Count("minContains");
    Array().max_contains = Count("maxContains");
  }
}

void KeywordReader::ReadObjectCounts() {
  if (const std::optional<int64_t> count = Count("minProperties")) Object().min_properties = count;
  if (const std::optional<int64_t> count = Count("maxProperties")) Object().max_properties = count;
  if (schema_["required"].size() > 0 && schema_["required"].is_array()) {
    Object().required = Strings(schema_["required"]);
  }
  if (node_.draft < 2019) return;
  for (const value::Member& member : schema_["dependentRequired"].members()) {
    if (!member.value.is_array()) continue;
    Object().dependent_required.emplace_back(member.key, Strings(member.value));
  }
}

void KeywordReader::ReadFormat() {
  const bool asserted = compiler_.purpose_ == Compiler::Purpose::kMetaschema ||
                        node_.draft < 2019 ||
                        Has(node_.draft == 2019 ? "format" : "format-assertion");
  const Value& name = schema_["format"];
  if (asserted && name.is_string()) node_.format = FindFormat(name.str());
}

}  // namespace sluice::jsonschema
