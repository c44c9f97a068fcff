// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/source/transports.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::source_controller {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("clients of the same options are one, of others another", "[source]") {
  Transports transports;
  const auto plain = transports.Get({}).value();
  CHECK(transports.Get({}).value() == plain);
  http::ClientOptions slow;
  slow.idle_timeout = absl::Seconds(61);
  http::ClientOptions proxied;
  proxied.proxy_url = "http://user:password@proxy:1";
  http::ClientOptions other_proxy;
  other_proxy.proxy_url = "http://user:another@proxy:1";
  http::ClientOptions trusting;
  trusting.tls.insecure_skip_verify = true;
  const auto a = transports.Get(proxied).value();
  CHECK(transports.Get(slow).value() != plain);
  CHECK(a != plain);
  CHECK(transports.Get(other_proxy).value() != a);
  CHECK(transports.Get(trusting).value() != plain);
  CHECK(transports.Get(proxied).value() == a);
  http::ClientOptions broken;
  broken.tls.ca_pem = "no certificate";
  CHECK_THAT(transports.Get(broken).status(), StatusIs(absl::StatusCode::kInvalidArgument, ""));
}

TEST_CASE("the client that was used least recently is let go", "[source]") {
  Transports transports;
  const std::weak_ptr<http::Transport> first = transports.Get({}).value();
  http::ClientOptions options;
  for (size_t i = 0; i + 1 < Transports::kMaxKept; ++i) {
    options.user_agent = absl::StrCat("agent ", i);
    CHECK(transports.Get(options).ok());
  }
  CHECK(transports.Get({}).value() == first.lock());  // used now
  options.user_agent = "one more";
  CHECK(transports.Get(options).ok());
  CHECK_FALSE(first.expired());
  for (size_t i = 0; i < Transports::kMaxKept; ++i) {
    options.user_agent = absl::StrCat("later ", i);
    CHECK(transports.Get(options).ok());
  }
  CHECK(first.expired());
}

}  // namespace
}  // namespace sluice::source_controller
