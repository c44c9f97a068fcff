// SPDX-License-Identifier: Apache-2.0
#include "cli/steer/reconcile.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "common/value/json.h"

namespace sluice::cli {
namespace {

Value WithStatus(absl::string_view status) {
  return value::ParseJson(absl::StrCat(
                              R"({"kind": "GitRepository", "metadata": {"generation": 2},
                                  "status": )",
                              status, "}"))
      .value();
}

TEST_CASE("a request is done when it was handled and its result is known", "[cli]") {
  struct Row {
    const char* status;
    Progress progress;
  };
  const Row rows[] = {
      {R"({})", Progress::kPending},
      {R"({"lastHandledReconcileAt": "before", "observedGeneration": 2,
           "conditions": [{"type": "Ready", "status": "True"}]})",
       Progress::kPending},
      {R"({"lastHandledReconcileAt": "now", "observedGeneration": 2,
           "conditions": [{"type": "Ready", "status": "True"}]})",
       Progress::kDone},
      {R"({"lastHandledReconcileAt": "now", "observedGeneration": 1,
           "conditions": [{"type": "Ready", "status": "True"}]})",
       Progress::kPending},
      {R"({"lastHandledReconcileAt": "now", "observedGeneration": 2,
           "conditions": [{"type": "Ready", "status": "Unknown"}]})",
       Progress::kPending},
      {R"({"lastHandledReconcileAt": "now", "observedGeneration": 2,
           "conditions": [{"type": "Ready", "status": "False"}]})",
       Progress::kFailed},
      {R"({"lastHandledReconcileAt": "now", "observedGeneration": 2, "conditions":
           [{"type": "Stalled", "status": "True"}, {"type": "Ready", "status": "False"}]})",
       Progress::kFailed},
  };
  for (const Row& row : rows) {
    CAPTURE(row.status);
    CHECK(ProgressOf(WithStatus(row.status), "now") == row.progress);
  }
}

TEST_CASE("the success line says what there is now", "[cli]") {
  CHECK(SuccessLine(WithStatus(R"({"artifact": {"revision": "main@sha1:a"}})")) ==
        "fetched revision main@sha1:a");
  CHECK(SuccessLine(value::ParseJson(R"({"kind": "ImageRepository",
            "status": {"lastScanResult": {"tagCount": 3}}})")
                        .value()) == "scan fetched 3 tags");
}

}  // namespace
}  // namespace sluice::cli
