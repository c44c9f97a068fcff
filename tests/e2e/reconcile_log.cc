// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/reconcile_log.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/runtime/controller.h"
#include "common/value/json.h"

namespace sluice::e2e {
namespace {

struct Call {
  std::string begin, end;  // times in RFC 3339, which sort as they are
  size_t replica;
};

using Calls = std::map<std::string, std::vector<Call>>;  // by object

void Read(absl::string_view output, size_t replica, Calls& calls) {
  std::map<std::string, std::pair<std::string, Call>> running;  // by reconcileID
  std::string last;
  const auto cut = [&] {
    for (auto& [id, call] : running) {
      call.second.end = last;
      calls[call.first].push_back(std::move(call.second));
    }
    running.clear();
  };
  for (const absl::string_view line : absl::StrSplit(output, '\n')) {
    if (!absl::StartsWith(line, "{")) continue;
    const auto entry = value::ParseJson(line);
    if (!entry.ok()) continue;
    const absl::string_view message = (*entry)["msg"].str();
    const std::string time((*entry)["ts"].str());
    if (absl::StartsWith(message, "starting ")) cut();
    last = time;
    const std::string id((*entry)["reconcileID"].str());
    if (message == runtime::kReconcileBegins) {
      running[id] = {absl::StrCat((*entry)["controllerKind"].str(), "/",
                                  (*entry)["namespace"].str(), "/", (*entry)["name"].str()),
                     Call{time, "", replica}};
    } else if (message == runtime::kReconcileEnds) {
      auto call = running.extract(id);
      if (call.empty()) continue;
      call.mapped().second.end = time;
      calls[call.mapped().first].push_back(std::move(call.mapped().second));
    }
  }
  cut();
}

}  // namespace

ReconcileLog ReadReconcileLogs(const std::vector<std::string>& outputs) {
  Calls calls;
  for (size_t i = 0; i < outputs.size(); ++i) Read(outputs[i], i, calls);
  ReconcileLog log;
  for (auto& [object, list] : calls) {
    log.calls += static_cast<int>(list.size());
    // By the ends too: one may begin in the millisecond in which another began and ended.
    std::sort(list.begin(), list.end(), [](const Call& a, const Call& b) {
      return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
    });
    for (size_t i = 1; i < list.size(); ++i) {
      const Call &before = list[i - 1], &after = list[i];
      if (after.begin >= before.end) continue;
      log.overlaps.push_back(absl::StrCat(object, ": ", before.begin, " to ", before.end,
                                          " by replica ", before.replica, ", and from ",
                                          after.begin, " by ", after.replica));
    }
  }
  return log;
}

}  // namespace sluice::e2e
