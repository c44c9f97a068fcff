// SPDX-License-Identifier: Apache-2.0
#include "cli/steer/wait.h"

#include <iostream>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::cli {
namespace {

struct Options {
  ConnectionOptions connection;
  Selection selection;
  std::string condition = "ready";
};

absl::Status Wait(const Context& ctx, Connection& connection, const Options& options) {
  ASSIGN_OR_RETURN(const auto progress, ParseWaitCondition(options.condition));
  const Context limited = ctx.WithTimeout(options.connection.timeout);
  ASSIGN_OR_RETURN(const Selected selected,
                   SelectObjects(limited, connection, "wait", options.selection));
  const bool gone = options.condition == "delete";
  if (!gone && !selected.missing.empty()) return selected.missing[0];
  std::vector<Target> targets;
  for (const Value& object : selected.objects) {
    targets.push_back({selected.view, kube::KeyOf(object)});
  }
  const auto results = AwaitObjects(limited, connection, targets, progress);
  absl::Status failure;
  for (size_t i = 0; i < results.size(); ++i) {
    // As kubectl words it.
    const std::string subject =
        absl::StrCat(absl::AsciiStrToLower(selected.view->resource), "/", targets[i].key.name);
    if (results[i].ok()) {
      std::cout << subject << (gone ? " deleted" : " condition met") << std::endl;
    } else if (failure.ok()) {
      failure = results[i].status();
    } else {
      PrintFailure(results[i].status().message());
    }
  }
  return failure;
}

}  // namespace

absl::StatusOr<std::function<Progress(const Value&)>> ParseWaitCondition(
    absl::string_view condition) {
  if (condition == "delete") {
    return
        [](const Value& object) { return object.is_null() ? Progress::kDone : Progress::kPending; };
  }
  absl::string_view part = condition;
  const bool at_revision = absl::ConsumePrefix(&part, "revision=");
  if (condition != "ready" && (!at_revision || part.empty())) {
    return UsageError(
        absl::StrCat("--for is ready, revision=TEXT or delete, not \"", condition, "\""));
  }
  return [revision = std::string(at_revision ? part : "")](const Value& object) {
    const Progress ready = ReadyProgress(object);
    if (ready != Progress::kDone) return ready;
    return absl::StrContains(Revision(object), revision) ? Progress::kDone : Progress::kPending;
  };
}

void AddWait(Command& command) {
  const auto options = std::make_shared<Options>();
  Command& wait = command.Sub("wait", "Waits until objects are ready: wait ks NAME …",
                              [options] { return RunConnected(*options, Wait); });
  AddSelectionFlags(wait, options->selection);
  AddConnectionFlags(wait, options->connection);
  wait.Text("--for", options->condition,
            "ready; revision=TEXT, which is ready at a revision that contains TEXT; delete");
}

}  // namespace sluice::cli
