// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_plain.h"

#include <cmath>
#include <iterator>

#include "absl/strings/match.h"
#include "common/value/json.h"
#include "common/value/yaml_parser.h"
#include "common/value/yaml_scalar.h"
#include "common/value/yaml_scalar_traits.h"

namespace sluice::value {
namespace {

using Kind = YamlEvent::Kind;

// Each step is false when the document is not plain.
class Reader {
 public:
  explicit Reader(absl::string_view text) : parser_(text, YamlScanner::Comments::kDrop) {}

  bool Document(PlainYaml& document) {
    if (!Advance() || !Advance()) return false;
    if (event_.kind == Kind::kStreamEnd) return true;
    if (!Advance()) return false;
    document.line = event_.start.line + 1;
    if (event_.kind == Kind::kScalar) {
      return !HasProperties() && Scalar(document.value, /*in_flow=*/false) &&
             document.value.is_null() && AtEnd();
    }
    return Node(document.value, /*in_flow=*/false) && AtEnd();
  }

 private:
  bool Advance() { return parser_.Next(event_); }

  // Whether nothing follows that the look-ahead of a reader that keeps comments could fail at.
  bool AtEnd() {
    return event_.kind == Kind::kDocumentEnd && Advance() && event_.kind == Kind::kStreamEnd &&
           !parser_.saw_flow_comment();
  }

  bool HasProperties() const { return !event_.anchor.empty() || !event_.tag.empty(); }

  // Reads the node that begins at event_, and the event after it.
  bool Node(Value& value, bool in_flow) {
    if (HasProperties()) return false;
    const bool flow = in_flow || event_.flow;
    switch (event_.kind) {
      case Kind::kScalar:
        return Scalar(value, flow);
      case Kind::kSequenceStart:
        return Sequence(value, flow);
      case Kind::kMappingStart:
        return Mapping(value, flow);
      default:
        return false;
    }
  }

  // Whether a text is printed so that it reads the same.
  bool IsSafeText() const {
    const absl::string_view text = event_.value;
    switch (event_.style) {
      case YamlScalarStyle::kFolded:
        return false;
      case YamlScalarStyle::kLiteral:
        if (text == "\n" || absl::EndsWith(text, "\n\n")) return false;
        break;
      default:
        break;
    }
    return !absl::StrContains(text, "\xE2\x80");  // LS and PS
  }

  bool Scalar(Value& value, bool flow) {
    if (!event_.implicit) {
      value = event_.value;
      return IsSafeText() && Advance();
    }
    const YamlScalar scalar = ResolveYamlScalar(event_.value, YamlDialect::kV3);
    if (flow && scalar.kind != YamlScalar::Kind::kString &&
        !AnalyzeYamlScalar(event_.value, YamlDialect::kV3).flow_plain) {
      return false;
    }
    switch (scalar.kind) {
      case YamlScalar::Kind::kNull:
        value = Value();
        break;
      case YamlScalar::Kind::kBool:
        value = scalar.boolean;
        break;
      case YamlScalar::Kind::kInt:
        value = scalar.integer;
        break;
      case YamlScalar::Kind::kUint:
        value = scalar.unsigned_integer;
        break;
      case YamlScalar::Kind::kFloat:
        if (!std::isfinite(scalar.number)) return false;
        value = NumberFromDouble(scalar.number);
        break;
      case YamlScalar::Kind::kString:
        if (!IsSafeText()) return false;
        value = event_.value;
        break;
      default:
        return false;
    }
    return Advance();
  }

  bool Sequence(Value& value, bool flow) {
    if (!Advance()) return false;
    const size_t first = items_.size();
    while (event_.kind != Kind::kSequenceEnd) {
      Value item;
      if (!Node(item, flow)) return false;
      items_.push_back(std::move(item));
    }
    const auto begin = items_.begin() + static_cast<std::ptrdiff_t>(first);
    value =
        Value(Value::Array(std::make_move_iterator(begin), std::make_move_iterator(items_.end())));
    items_.erase(begin, items_.end());
    return Advance();
  }

  bool Mapping(Value& value, bool flow) {
    if (!Advance()) return false;
    const size_t first = members_.size();
    while (event_.kind != Kind::kMappingEnd) {
      if (event_.kind != Kind::kScalar || HasProperties() || !IsSafeText()) return false;
      const absl::string_view key = event_.value;
      if (key == "<<" || (event_.implicit && ResolveYamlScalar(key, YamlDialect::kV3).kind !=
                                                 YamlScalar::Kind::kString)) {
        return false;
      }
      Member member{std::string(key), Value()};
      if (!Advance() || !Node(member.value, flow)) return false;
      members_.push_back(std::move(member));
    }
    const auto begin = members_.begin() + static_cast<std::ptrdiff_t>(first);
    const size_t count = members_.size() - first;
    value = Value::FromMembers(
        Value::Object(std::make_move_iterator(begin), std::make_move_iterator(members_.end())));
    members_.erase(begin, members_.end());
    return value.size() == count && Advance();
  }

  YamlParser parser_;
  YamlEvent event_;
  // The children of the collections that are open, so that each is allocated once.
  Value::Array items_;
  Value::Object members_;
};

}  // namespace

std::optional<PlainYaml> ReadPlainYaml(absl::string_view text) {
  PlainYaml document;
  if (!Reader(text).Document(document)) return std::nullopt;
  return document;
}

}  // namespace sluice::value
