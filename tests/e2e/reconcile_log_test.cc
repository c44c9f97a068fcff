// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/reconcile_log.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/runtime/controller.h"

namespace sluice::e2e {
namespace {

std::string Line(int milliseconds, const char* message, const std::string& id) {
  return absl::StrFormat(
      R"({"ts":"2026-11-23T12:00:00.%03dZ","msg":"%s","controllerKind":"Bucket",)"
      R"("namespace":"a","name":"b","reconcileID":"%s"})"
      "\n",
      milliseconds, message, id);
}
std::string Call(int begin, int end, const std::string& id) {
  return Line(begin, runtime::kReconcileBegins, id) + Line(end, runtime::kReconcileEnds, id);
}

TEST_CASE("calls of two replicas at once are overlaps", "[e2e]") {
  const ReconcileLog log = ReadReconcileLogs({Call(10, 20, "a") + Call(20, 30, "b"),  //
                                              Call(29, 40, "c")});
  CHECK(log.calls == 3);
  CHECK(log.overlaps == std::vector<std::string>{
                            "Bucket/a/b: 2026-11-23T12:00:00.020Z to 2026-11-23T12:00:00.030Z by "
                            "replica 0, and from 2026-11-23T12:00:00.029Z by 1"});
}

TEST_CASE("calls one after the other within a millisecond are none", "[e2e]") {
  std::string output;
  for (int i = 0; i < 200; ++i) {
    output += Call(i, i, absl::StrCat("short-", i)) + Call(i, i + 1, absl::StrCat("long-", i));
  }
  const ReconcileLog log = ReadReconcileLogs({output});
  CHECK(log.calls == 400);
  CHECK(log.overlaps == std::vector<std::string>());
}

}  // namespace
}  // namespace sluice::e2e
