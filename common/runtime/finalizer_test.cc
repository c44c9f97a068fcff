// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/finalizer.h"

#include <catch2/catch.hpp>

#include "common/kube_testing/api_server.h"
#include "common/testing/status_matchers.h"

namespace sluice::runtime {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const kube::Resource kNamespaces{"", "v1", "namespaces", "Namespace", false};

Value ObjectIn(const std::string& ns) { return {{"metadata", {{"name", "a"}, {"namespace", ns}}}}; }

TEST_CASE("objects go with the suite only while its own namespace is being deleted", "[runtime]") {
  kube_testing::ApiServer api;
  for (const char* ns : {"suite", "tenant"}) {
    // So that it is still there to be looked at.
    api.Write(std::string("{apiVersion: v1, kind: Namespace, metadata: {finalizers: [test/hold], "
                          "name: ") +
                  ns + "}}",
              "test");
  }
  const auto goes = [&](const std::string& ns, const std::string& own) {
    const auto answer = GoesWithSuite(api.ctx(), api.client(), ObjectIn(ns), own);
    REQUIRE_THAT(answer.status(), IsOk());
    return *answer;
  };
  CHECK_FALSE(goes("suite", "suite"));
  for (const char* ns : {"suite", "tenant"}) {
    REQUIRE_THAT(api.client().Delete(api.ctx(), kNamespaces, {"", ns}), IsOk());
  }
  CHECK(goes("suite", "suite"));
  CHECK_FALSE(goes("tenant", "suite"));  // a tenant that goes is cleaned up after
  CHECK_FALSE(goes("suite", ""));
  CHECK_FALSE(goes("gone", "gone"));
}

// A server that answers nothing but this.
class Refusing : public kube::Client {
 public:
  explicit Refusing(absl::Status error) : error_(std::move(error)) {}
  absl::StatusOr<Value> Do(const Context&, const kube::ApiRequest&) override { return error_; }
  absl::Status WatchStream(const Context&, const kube::ApiRequest&,
                           const std::function<absl::Status(kube::WatchEvent)>&) override {
    return error_;
  }

 private:
  const absl::Status error_;
};

TEST_CASE("where the namespace cannot be read, a deletion waits; without the right it goes on",
          "[runtime]") {
  Refusing away(absl::UnavailableError("connection refused"));
  CHECK_THAT(GoesWithSuite(Context::Background(), away, ObjectIn("a"), "a").status(),
             StatusIs(absl::StatusCode::kUnavailable));
  Refusing forbidden(absl::PermissionDeniedError("forbidden"));
  const auto answer = GoesWithSuite(Context::Background(), forbidden, ObjectIn("a"), "a");
  REQUIRE_THAT(answer.status(), IsOk());
  CHECK_FALSE(*answer);
}

}  // namespace
}  // namespace sluice::runtime
