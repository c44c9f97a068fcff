// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/action_log.h"

#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/value/json.h"

namespace sluice::helm_controller {

void ActionLog::Add(absl::string_view message, const Value& attributes) {
  std::string text(message);
  if (!attributes.empty()) absl::StrAppend(&text, ": ", value::FormatJson(attributes));
  absl::MutexLock lock(&mutex_);
  if (!lines_.empty() && lines_.back().text == text) {
    ++lines_.back().repeats;
    return;
  }
  lines_.push_back({clock_.Now(), std::move(text)});
  if (lines_.size() > kLines) lines_.pop_front();
}

std::string ActionLog::ToText() const {
  absl::MutexLock lock(&mutex_);
  if (lines_.empty()) return "";
  std::string out = "\n\nLast Helm logs:\n";
  for (const Line& line : lines_) {
    absl::StrAppend(&out, "\n", FormatRfc3339Nano(line.first), ": ", line.text);
    if (line.repeats > 0) {
      absl::StrAppend(&out, "\n(", line.repeats, " duplicate lines omitted)");
    }
  }
  return out;
}

}  // namespace sluice::helm_controller
