// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/go_print.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/value/json.h"

namespace sluice::devapi {

std::string GoPlain(const Value& value) {
  if (value.is_null()) return "<nil>";
  if (value.is_string()) return std::string(value.str());
  std::vector<std::string> parts;
  for (const Value& item : value.items()) parts.push_back(GoPlain(item));
  if (value.is_array()) return absl::StrCat("[", absl::StrJoin(parts, " "), "]");
  for (const value::Member& member : value.members()) {
    parts.push_back(absl::StrCat(member.key, ":", GoPlain(member.value)));
  }
  if (value.is_object()) return absl::StrCat("map[", absl::StrJoin(parts, " "), "]");
  return value::FormatJson(value);
}

std::string GoSyntax(const Value& value) {
  if (value.is_null()) return "interface {}(nil)";
  if (value.is_string()) return value::FormatJson(value, {.escape_html = false});
  std::vector<std::string> parts;
  for (const Value& item : value.items()) parts.push_back(GoSyntax(item));
  if (value.is_array()) return absl::StrCat("[]interface {}{", absl::StrJoin(parts, ", "), "}");
  for (const value::Member& member : value.members()) {
    parts.push_back(
        absl::StrCat(value::FormatJson(Value(member.key)), ":", GoSyntax(member.value)));
  }
  if (value.is_object()) {
    return absl::StrCat("map[string]interface {}{", absl::StrJoin(parts, ", "), "}");
  }
  return value::FormatJson(value);
}

}  // namespace sluice::devapi
