// SPDX-License-Identifier: Apache-2.0
#include "common/api/meta/decode.h"

#include "common/base/duration.h"
#include "common/base/status.h"

namespace sluice::api {

std::string Text(const Value& value) { return std::string(value.str()); }

std::string OrDefault(const Value& value, const std::string& fallback) {
  return value.str().empty() ? fallback : Text(value);
}

std::optional<std::string> OptionalText(const Value& value) {
  if (!value.is_string()) return std::nullopt;
  return Text(value);
}

std::vector<std::string> TextList(const Value& value) {
  std::vector<std::string> list;
  for (const Value& item : value.items()) list.push_back(Text(item));
  return list;
}

std::map<std::string, std::string> TextMap(const Value& value) {
  std::map<std::string, std::string> map;
  for (const value::Member& member : value.members()) map.emplace(member.key, Text(member.value));
  return map;
}

absl::StatusOr<absl::Duration> DurationField(const Value& value, absl::string_view field,
                                             absl::Duration fallback) {
  if (value.is_null()) return fallback;
  auto duration = ParseGoDuration(value.str());
  if (!duration.ok()) return Annotate(duration.status(), field);
  return duration;
}

}  // namespace sluice::api
