// SPDX-License-Identifier: Apache-2.0
#include "cli/inspect/log_line.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/value/json.h"

namespace sluice::cli {
namespace {

bool Lets(const std::string& wanted, absl::string_view text) {
  return wanted.empty() || absl::EqualsIgnoreCase(wanted, text);
}

}  // namespace

std::optional<std::string> FormatLogLine(absl::string_view line, const LogFilter& filter) {
  if (!absl::StartsWith(line, "{")) return std::nullopt;
  const auto entry = value::ParseJson(line);
  if (!entry.ok()) return std::nullopt;
  const Value& log = *entry;
  const absl::string_view kind = log["controllerKind"].str();
  const absl::string_view reconciler = log["reconciler kind"].str();
  const absl::string_view name = log["name"].str();
  const absl::string_view ns = log["namespace"].str();
  if (!Lets(filter.level, log["level"].str()) || !Lets(filter.name, name) || !Lets(filter.ns, ns) ||
      !(Lets(filter.kind, kind) || Lets(filter.kind, reconciler))) {
    return std::nullopt;
  }
  return absl::StrCat(log["ts"].str(), " ", log["level"].str(), " ",
                      reconciler.empty() ? kind : reconciler,
                      name.empty() ? "" : absl::StrCat("/", name, ".", ns), " - ", log["msg"].str(),
                      " ", log["error"].str());
}

}  // namespace sluice::cli
