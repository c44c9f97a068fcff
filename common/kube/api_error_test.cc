// SPDX-License-Identifier: Apache-2.0
#include "common/kube/api_error.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::kube {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("an error of the API says something, and waits no time that is over", "[kube]") {
  struct Row {
    const char* body;
    const char* message;
    absl::Duration wait;
  };
  for (const Row& row : {
           Row{R"({"kind":"Status","message":"no","details":{"retryAfterSeconds":3}})", "no",
               absl::Seconds(3)},
           Row{R"({"kind":"Status","message":"","details":{"retryAfterSeconds":-3}})",
               "the server gave no message", absl::ZeroDuration()},
           Row{R"({"kind":"Status"})", "the server gave no message", absl::ZeroDuration()},
           Row{"<html>", "it: the API server answered with HTTP status 429", absl::ZeroDuration()},
       }) {
    CAPTURE(row.body);
    const absl::Status error = ErrorFromResponse({.status = 429, .body = row.body}, "it");
    CHECK_THAT(error, StatusIs(absl::StatusCode::kResourceExhausted, row.message));
    CHECK(RetryAfter(error) == row.wait);
  }
}

}  // namespace
}  // namespace sluice::kube
