// Printing by go-yaml v2's emitter, for what JSON holds: block style, lists not indented under
// their key, folded at 80 columns.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/value/json.h"
#include "common/value/key_order.h"
#include "common/value/utf8.h"
#include "common/value/yaml.h"
#include "common/value/yaml_format.h"
#include "common/value/yaml_scalar.h"
#include "common/value/yaml_scalar_traits.h"
#include "common/value/yaml_writer.h"

namespace sluice::value {
namespace {

constexpr int kIndent = 2;
constexpr int kWidth = 80;
constexpr size_t kMaxSimpleKey = 128;  // bytes; longer keys are introduced by "?"
// Longer keys may have more than 1,024 characters in JSON, which then is no YAML.
constexpr size_t kMaxJsonKey = 1000 / 6;

class Printer {
 public:
  explicit Printer(YamlFloats floats) : floats_(floats) {}

  // Whether what was printed is what comes out by way of JSON.
  bool faithful() const { return faithful_; }

  std::string Run(const Value& value) {
    Node(value, Place::kRoot);
    writer_.indent = -1;
    writer_.Indent();
    return std::move(writer_.out());
  }

 private:
  enum class Place : uint8_t { kRoot, kItem, kValue, kComplexValue };

  void Node(const Value& value, Place place) {
    const int indent = writer_.indent;
    switch (value.kind()) {
      case Value::Kind::kArray:
        if (value.empty()) {
          writer_.Indicator("[]", /*need_whitespace=*/true);
          return;
        }
        // Directly under a key the list stands at the key's own column.
        if (place != Place::kValue) writer_.indent = indent < 0 ? 0 : indent + kIndent;
        for (const Value& item : value.items()) {
          writer_.Indent();
          writer_.Indicator("-", /*need_whitespace=*/true, false, /*is_indention=*/true);
          Node(item, Place::kItem);
        }
        break;
      case Value::Kind::kObject:
        if (value.empty()) {
          writer_.Indicator("{}", /*need_whitespace=*/true);
          return;
        }
        writer_.indent = indent < 0 ? 0 : indent + kIndent;
        Members(value);
        break;
      default:
        writer_.indent = indent < 0 ? kIndent : indent + kIndent;
        Scalar(value);
    }
    writer_.indent = indent;
  }

  void Members(const Value& value) {
    const auto less = [](const Member* a, const Member* b) {
      return KeyLess(a->key, b->key, YamlDialect::kV2);
    };
    // Members come in byte order, which mostly is the order wanted.
    const size_t first = order_.size();
    for (const Member& member : value.members()) order_.push_back(&member);
    const auto begin = order_.begin() + static_cast<std::ptrdiff_t>(first);
    if (!std::is_sorted(begin, order_.end(), less)) std::stable_sort(begin, order_.end(), less);
    const size_t last = order_.size();
    for (size_t i = first; i < last; ++i) {
      const Member& member = *order_[i];
      writer_.Indent();
      Key(member.key, member.value);
    }
    order_.resize(first);
  }

  void Key(const std::string& text, const Value& value) {
    const std::string binary = IsValidUtf8(text) ? "" : EncodeYamlBinary(text);
    const absl::string_view key = binary.empty() ? absl::string_view(text) : binary;
    const YamlScalarTraits traits = AnalyzeYamlScalar(key, YamlDialect::kV2);
    if (key.size() > kMaxJsonKey) faithful_ = false;
    const size_t length = key.size() + (binary.empty() ? 0 : kBinaryTag.size());
    if (!traits.multiline && length <= kMaxSimpleKey) {
      String(key, !binary.empty(), traits, /*simple_key=*/true);
      writer_.Indicator(":", /*need_whitespace=*/false);
      Node(value, Place::kValue);
      return;
    }
    writer_.Indicator("?", /*need_whitespace=*/true, false, /*is_indention=*/true);
    writer_.indent += kIndent;
    String(key, !binary.empty(), traits, /*simple_key=*/false);
    writer_.indent -= kIndent;
    writer_.Indent();
    writer_.Indicator(":", /*need_whitespace=*/true, false, /*is_indention=*/true);
    Node(value, Place::kComplexValue);
  }

  void Scalar(const Value& value) {
    switch (value.kind()) {
      case Value::Kind::kNull:
        writer_.Plain("null", false);
        return;
      case Value::Kind::kBool:
        writer_.Plain(value.bool_or(false) ? "true" : "false", false);
        return;
      case Value::Kind::kInt:
        writer_.Plain(absl::StrCat(value.int_or(0)), false);
        return;
      case Value::Kind::kUint:
        writer_.Plain(absl::StrCat(value.uint_or(0)), false);
        return;
      case Value::Kind::kDouble:
        Double(value.double_or(0));
        return;
      default:
        break;
    }
    const absl::string_view text = value.str();
    if (IsValidUtf8(text)) {
      String(text, false, AnalyzeYamlScalar(text, YamlDialect::kV2), /*simple_key=*/false);
    } else {
      const std::string binary = EncodeYamlBinary(text);
      String(binary, true, AnalyzeYamlScalar(binary, YamlDialect::kV2), /*simple_key=*/false);
    }
  }

  // By way of JSON a whole number is an integer.
  void Double(double number) {
    if (floats_ == YamlFloats::kByJson && std::isfinite(number)) {
      // YAML reads the -0 of JSON as an integer.
      if (number == 0) number = 0;
      if (const Value json = NumberFromDouble(number); json.kind() != Value::Kind::kDouble) {
        Scalar(json);
        return;
      }
    }
    writer_.Plain(FormatYamlFloat(number), false);
  }

  // A string that is not UTF-8 comes as base64 and gets the tag.
  void String(absl::string_view text, bool binary, const YamlScalarTraits& traits,
              bool simple_key) {
    if (binary) {
      // JSON has U+FFFD for what is not UTF-8.
      writer_.Text(kBinaryTag, /*need_whitespace=*/true);
      faithful_ = false;
    }
    if (traits.unreadable) faithful_ = false;
    const bool lines = absl::StrContains(text, '\n');
    if (lines && traits.block && !simple_key) {
      writer_.BlockHeader('|', text, kIndent);
      writer_.Break();
      writer_.Literal(text);
    } else if (lines || (!binary && LooksTyped(text))) {
      writer_.DoubleQuoted(text, !simple_key);
    } else if (traits.block_plain && !(text.empty() && simple_key)) {
      writer_.Plain(text, !simple_key);
    } else if (traits.single_quoted && !(simple_key && traits.multiline)) {
      writer_.SingleQuoted(text, !simple_key);
    } else {
      writer_.DoubleQuoted(text, !simple_key);
    }
  }

  static bool LooksTyped(absl::string_view text) {
    return ResolveYamlScalar(text, YamlDialect::kV2).kind != YamlScalar::Kind::kString ||
           IsBase60Float(text);
  }

  static constexpr absl::string_view kBinaryTag = "!!binary";

  const YamlFloats floats_;
  bool faithful_ = true;
  YamlWriter writer_{kWidth};
  std::vector<const Member*> order_;
};

}  // namespace

std::string FormatYaml(const Value& value, YamlFloats floats) { return Printer(floats).Run(value); }

absl::StatusOr<std::string> MarshalYaml(const Value& value) {
  Printer printer(YamlFloats::kByJson);
  std::string yaml = printer.Run(value);
  if (printer.faithful()) return yaml;
  return JsonToYaml(FormatJson(value));
}

std::string FormatYaml(const Value& value) {
  Printer printer(YamlFloats::kByJson);
  std::string yaml = printer.Run(value);
  if (!printer.faithful()) {
    if (auto by_json = JsonToYaml(FormatJson(value)); by_json.ok()) return *std::move(by_json);
  }
  return yaml;
}

}  // namespace sluice::value
