// SPDX-License-Identifier: Apache-2.0
#include "common/kube/http_client.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/http/server.h"
#include "common/testing/status_matchers.h"

namespace sluice::kube {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

// Answers everything with an empty list, and watches with nothing.
class EmptyServer : public http::Transport {
 public:
  absl::StatusOr<http::Response> Send(const Context&, const http::Request& request) override {
    requests.push_back(request);
    return http::Response{200, {}, R"({"metadata":{"resourceVersion":"1"},"items":[]})"};
  }
  absl::Status Stream(const Context&, const http::Request& request, http::OnHead on_head,
                      http::OnData) override {
    requests.push_back(request);
    return on_head(http::Response{200, {}, ""});
  }

  std::vector<http::Request> requests;
};

const Resource kSecrets = {"", "v1", "secrets", "Secret", true};

TEST_CASE("a token source is asked before every request", "[kube]") {
  EmptyServer server;
  ClusterConfig config;
  config.server = "https://example.com";
  config.token = Secret("unused");
  int asked = 0;
  config.token_source = [&](const Context&) -> absl::StatusOr<Secret> {
    if (++asked == 3) return absl::UnavailableError("no token today");
    return Secret(absl::StrCat("token-", asked));
  };
  const auto client = CreateHttpClient(config, {}, server);
  const Context ctx = Context::Background();
  REQUIRE_THAT(client->List(ctx, kSecrets, "a").status(), IsOk());
  REQUIRE_THAT(client->Watch(ctx, kSecrets, "a", {}, [](const auto&) { return absl::OkStatus(); }),
               IsOk());
  REQUIRE(server.requests.size() == 2);
  CHECK(server.requests[0].headers.Get("Authorization") == "Bearer token-1");
  CHECK(server.requests[1].headers.Get("Authorization") == "Bearer token-2");

  CHECK_THAT(client->List(ctx, kSecrets, "a").status(),
             StatusIs(absl::StatusCode::kUnavailable, "no token today"));
  CHECK(server.requests.size() == 2);
}

TEST_CASE("a redirect of the API server is not followed", "[kube]") {
  std::atomic<int> elsewhere = 0;
  const auto other = http::Server::Start({.address = "127.0.0.1:0"},
                                         [&](const Context&, const http::ServerRequest&) {
                                           ++elsewhere;
                                           return http::ServerResponse{.body = "{}"};
                                         });
  const auto server = http::Server::Start(
      {.address = "127.0.0.1:0"}, [&](const Context&, const http::ServerRequest& request) {
        http::ServerResponse response{.status = 307};
        response.headers.Add("Location",
                             absl::StrCat("http://127.0.0.1:", (*other)->port(), request.path));
        return response;
      });
  ClusterConfig config;
  config.server = absl::StrCat("http://127.0.0.1:", (*server)->port());
  config.token = Secret("token");
  const auto client = CreateHttpClient(config).value();
  const Context ctx = Context::Background();
  CHECK_FALSE(client->Get(ctx, kSecrets, {"a", "b"}).ok());
  CHECK_FALSE(
      client->Watch(ctx, kSecrets, "a", {}, [](const auto&) { return absl::OkStatus(); }).ok());
  CHECK_FALSE(client->Create(ctx, kSecrets, Value{{"metadata", {{"namespace", "a"}}}}).ok());
  CHECK(elsewhere == 0);
}

TEST_CASE("a client for metadata asks for nothing else", "[kube]") {
  EmptyServer server;
  ClusterConfig config;
  config.server = "https://example.com";
  const auto client = CreateHttpClient(config, {.metadata_only = true}, server);
  const auto whole = CreateHttpClient(config, {}, server);
  const Context ctx = Context::Background();
  REQUIRE_THAT(client->List(ctx, kSecrets, "").status(), IsOk());
  REQUIRE_THAT(client->Watch(ctx, kSecrets, "", {}, [](const auto&) { return absl::OkStatus(); }),
               IsOk());
  REQUIRE_THAT(whole->List(ctx, kSecrets, "").status(), IsOk());
  REQUIRE(server.requests.size() == 3);
  CHECK(server.requests[0].headers.Get("Accept") ==
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json");
  CHECK(server.requests[1].headers.Get("Accept") ==
        "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json");
  CHECK(server.requests[2].headers.Get("Accept") == "application/json");
}

}  // namespace
}  // namespace sluice::kube
