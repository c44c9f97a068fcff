// SPDX-License-Identifier: Apache-2.0
#include "common/image_policy/tag_filter.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/status.h"
#include "common/text/regexp.h"

namespace sluice::image_policy {

absl::StatusOr<FilteredTags> FilterTags(const TagFilterRules& rules,
                                        std::span<const std::string> tags) {
  const auto pattern = text::Regexp::Compile(rules.pattern);
  if (!pattern.ok()) {
    return Annotate(pattern.status(),
                    absl::StrCat("invalid regular expression pattern '", rules.pattern, "'"));
  }
  FilteredTags result;
  absl::flat_hash_map<std::string, size_t> places;
  std::vector<absl::string_view> groups(pattern->group_count() + 1);
  for (const std::string& tag : tags) {
    if (!pattern->Find(tag, 0, groups)) continue;
    std::string value;
    if (rules.extract.empty()) {
      value = tag;
    } else {
      pattern->Expand(rules.extract, groups, value);
    }
    const auto [place, added] = places.emplace(value, result.tags.size());
    if (added) {
      result.values.push_back(std::move(value));
      result.tags.push_back(tag);
    } else {
      result.tags[place->second] = tag;
    }
  }
  return result;
}

}  // namespace sluice::image_policy
