// JSON whose members keep the order of a Go struct, for digests over Go's encoding.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/value/json.h"
#include "common/value/value.h"

namespace sluice::helm_release {

// An object under construction. Members appear as they are added.
class OrderedJson {
 public:
  // `json` is JSON text.
  void Raw(absl::string_view key, absl::string_view json) {
    absl::StrAppend(&text_, text_.empty() ? "" : ",");
    value::AppendJsonString(key, /*escape_html=*/true, text_);
    absl::StrAppend(&text_, ":", json);
  }
  void Add(absl::string_view key, const Value& value) { Raw(key, value::FormatJson(value)); }
  // Go's omitempty: nothing for null, false, 0, "" and what holds no elements.
  void AddUnlessEmpty(absl::string_view key, const Value& value) {
    const bool empty = value.is_null() || value == Value(false) || value == Value(0) ||
                       value == Value("") ||
                       ((value.is_array() || value.is_object()) && value.empty());
    if (!empty) Add(key, value);
  }
  std::string ToString() const { return absl::StrCat("{", text_, "}"); }

 private:
  std::string text_;
};

// A list of JSON texts.
std::string JsonList(const std::vector<std::string>& items);

}  // namespace sluice::helm_release
