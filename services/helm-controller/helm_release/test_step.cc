// Running a release's tests.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "services/helm-controller/action/test.h"
#include "services/helm-controller/helm_release/steps.h"

namespace sluice::helm_controller {
namespace {

using api::ConditionStatus;
using runtime::Severity;

std::string WholeSeconds(const std::string& text) {
  const auto time = ParseRfc3339(text);
  return time.ok() ? FormatRfc3339(*time) : "";
}

std::map<std::string, api::TestHookStatus> ResultsOf(const helm_release::Record& record,
                                                     const api::TestSpec& spec) {
  std::map<std::string, api::TestHookStatus> results;
  for (const helm_release::HookRecord& hook : record.hooks) {
    if (!hook.hook.runs_at(helm::HookEvent::kTest) || !TestIsWanted(spec.filters, hook.hook.name)) {
      continue;
    }
    results[hook.hook.name] = {WholeSeconds(hook.last_run.started_at),
                               WholeSeconds(hook.last_run.completed_at), hook.last_run.phase};
  }
  return results;
}

std::string Completed(size_t count) {
  if (count == 0) return "no test hooks";
  return absl::StrCat(count, count == 1 ? " test hook" : " test hooks", " completed successfully");
}

void CountFailure(Session& session) {
  ++session.status.failures;
  const ActivePolicy policy = ActivePolicyOf(session);
  const api::Snapshot& latest = *api::LatestOf(session.status.history);
  if (policy.kind.empty() || policy.ignores_tests(session) || !latest.HasBeenTested()) return;
  ++(policy.kind == "install" ? session.status.install_failures : session.status.upgrade_failures);
}

}  // namespace

absl::Status TestStep(const Context& ctx, Work& work) {
  Session& session = work.session;
  api::Snapshot* const latest = api::LatestOf(session.status.history);
  if (latest == nullptr) return absl::NotFoundError("no latest release to test");
  ASSIGN_OR_RETURN(helm_release::Record record,
                   work.with.storage.Get(ctx, latest->name, latest->version));
  bool stored = false;
  work.with.storage.OnWrite([&](const helm_release::Record&) { stored = true; });
  work.with.log.Clear();
  const absl::Status done = Test(ctx, work.with, session.spec.test, record);
  work.with.storage.OnWrite(nullptr);
  if (!done.ok() && ctx.cancelled()) return absl::CancelledError("shutting down");
  if (stored) latest->test_hooks = ResultsOf(record, session.spec.test);
  const std::string what = absl::StrCat("for release ", latest->FullReleaseName(), " with chart ",
                                        latest->VersionedChartName());
  if (done.ok()) {
    const std::string message =
        absl::StrCat("Helm test succeeded ", what, ": ", Completed(latest->test_hooks->size()));
    session.Set("TestSuccess", ConditionStatus::kTrue, "TestSucceeded", message);
    session.Event(Severity::kInfo, "TestSucceeded", message, session.MetadataOf(*latest));
  } else {
    const std::string message = absl::StrCat("Helm test failed ", what, ": ", done.message());
    session.Set("TestSuccess", ConditionStatus::kFalse, "TestFailed", message);
    session.Event(Severity::kError, "TestFailed", message, session.MetadataOf(*latest));
    CountFailure(session);
  }
  session.Summarize();
  return stored ? absl::OkStatus() : done;
}

}  // namespace sluice::helm_controller
