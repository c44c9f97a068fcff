// Registries that are large or hostile: bounded time and memory, and credentials stay where they
// belong.

// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <catch2/catch.hpp>
#include <iostream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "tests/images/image_loop.h"

namespace sluice::images {

using e2e::Process;
using e2e::ReadyMessage;
namespace {

using oci_testing::Fault;

constexpr char kController[] = "image-controller";

// `count` tags in pages of a thousand, "1.0.0000001" and so on.
Fault ManyTags(int count) {
  const auto page = std::make_shared<std::atomic<int>>(0);
  return [page, count](const http::ServerRequest& request, http::ServerResponse& response) {
    if (!absl::EndsWith(request.path, "/tags/list")) return;
    if (!absl::StrContains(request.query, "last=")) *page = 0;
    const int first = (*page)++ * 1000;
    std::string tags;
    for (int i = first; i < std::min(first + 1000, count); ++i) {
      absl::StrAppend(&tags, tags.empty() ? "" : ",", "\"1.0.", i, "\"");
    }
    response.body = absl::StrCat(R"({"name":"team/app","tags":[)", tags, "]}");
    response.headers.Remove("Content-Length");
    if (first + 1000 < count) {
      response.headers.Set(
          "Link", absl::StrCat("<", request.raw_path, "?n=1000&last=", first, ">; rel=\"next\""));
    }
  };
}

void AwaitFailure(ImageLoop& loop, absl::string_view text) {
  std::string last;
  loop.Await(absl::StrCat("a failure with ", text), [&] {
    last =
        ReadyMessage(loop.cluster().Get(kImageApi, "ImageRepository", "app"), "False").value_or("");
    return absl::StrContains(last, text);
  });
}

TEST_CASE("ten thousand tags take little memory, a million are taken in", "[e2e]") {
  ImageLoop loop;
  Process& process = loop.cluster().process(kController);
  loop.AddPolicy(loop.image(), "1h");
  loop.Await("the policy is ready", [&] { return loop.IsReady("ImagePolicy", "app"); });
  const auto scan = [&](int count) {
    loop.registry().SetFault(ManyTags(count));
    const double before = process.usage().peak_mib;
    const absl::Time start = RealClock().Now();
    REQUIRE(loop.cluster().Trigger(kImageApi, "ImageRepository", "app").ok());
    loop.Await(absl::StrCat(count, " tags"), [&] {
      const auto policy = loop.cluster().Get(kImageApi, "ImagePolicy", "app");
      return policy.has_value() &&
             (*policy)["status"]["latestRef"]["tag"].str() == absl::StrCat("1.0.", count - 1);
    });
    const double more = process.usage().peak_mib - before;
    std::cout << absl::StreamFormat("%d tags: picked after %s, %.1f MiB more than before\n", count,
                                    absl::FormatDuration(RealClock().Now() - start), more);
    return more;
  };
  CHECK(scan(10'000) <= 8);
  CHECK(scan(1'000'000) <= 400);
  CHECK(loop.cluster().Casualties() == "");
}

TEST_CASE("a hostile registry ends in an error, not in the controller's end", "[e2e]") {
  ImageLoop loop;
  const absl::Time start = RealClock().Now();
  loop.registry().SetFault(oci_testing::EndlessTags());
  loop.AddPolicy(loop.image(), "1h");
  AwaitFailure(loop, "more than 10000 pages of tags");
  std::cout << "endless pages: given up after " << RealClock().Now() - start << "\n";
  const auto again = [&](Fault fault, absl::string_view text) {
    loop.registry().SetFault(std::move(fault));
    REQUIRE(loop.cluster().Trigger(kImageApi, "ImageRepository", "app").ok());
    AwaitFailure(loop, text);
  };
  again(oci_testing::Replace("/tags/list", "[1,2"), "scan failed: GET ");
  again(oci_testing::Replace("/tags/list", std::string(9 << 20, ' ')), "bytes");
  again(
      [](const http::ServerRequest& request, http::ServerResponse& response) {
        if (absl::EndsWith(request.path, "/tags/list")) {
          response.headers.Set("Link", absl::StrCat("<", request.raw_path, ">; rel=\"next\""));
        }
      },
      "its next page was read before");
  loop.Apply({{"apiVersion", kImageApi},
              {"kind", "ImageRepository"},
              {"metadata", {{"name", "app"}}},
              {"spec", {{"image", loop.image()}, {"interval", "1h"}, {"timeout", "2s"}}}});
  again(oci_testing::Trickle("/tags/list"), "context deadline exceeded");
  CHECK_FALSE(loop.IsReady("ImagePolicy", "app"));
  CHECK(loop.cluster().Casualties() == "");
}

TEST_CASE("credentials do not leave their registry", "[e2e]") {
  ImageLoop loop({}, {.access = oci_testing::RegistryOptions::Access::kBasic,
                      .username = "ada",
                      .password = "hunter2"});
  oci_testing::Registry stranger;
  const std::string elsewhere = absl::StrCat(stranger.url(), "/v2/team/app/tags/list");
  loop.Apply({{"apiVersion", "v1"},
              {"kind", "Secret"},
              {"type", "kubernetes.io/dockerconfigjson"},
              {"metadata", {{"name", "pull"}}},
              {"stringData",
               {{".dockerconfigjson",
                 absl::StrCat(R"({"auths":{")", loop.registry().host(), R"(":{"auth":")",
                              absl::Base64Escape("ada:hunter2"), R"("}}})")}}}});
  loop.AddPolicy(loop.image(), "1h");
  loop.Apply(
      {{"apiVersion", kImageApi},
       {"kind", "ImageRepository"},
       {"metadata", {{"name", "app"}}},
       {"spec", {{"image", loop.image()}, {"interval", "1h"}, {"secretRef", {{"name", "pull"}}}}}});
  loop.Await("the policy is ready", [&] { return loop.IsReady("ImagePolicy", "app"); });

  loop.registry().SetFault([&](const http::ServerRequest& request, http::ServerResponse& response) {
    if (absl::EndsWith(request.path, "/tags/list") && response.status == 200) {
      response.headers.Set("Link", absl::StrCat("<", elsewhere, ">; rel=\"next\""));
    }
  });
  REQUIRE(loop.cluster().Trigger(kImageApi, "ImageRepository", "app").ok());
  AwaitFailure(loop, "the next page of tags is on");
  CHECK(stranger.requests().empty());
  loop.registry().SetFault(oci_testing::RedirectTo("/tags/list", elsewhere));
  REQUIRE(loop.cluster().Trigger(kImageApi, "ImageRepository", "app").ok());
  AwaitFailure(loop, "repository name not known to registry");
  REQUIRE_FALSE(stranger.requests().empty());
  for (const oci_testing::Seen& seen : stranger.requests()) CHECK(seen.authorization.empty());
  CHECK_FALSE(absl::StrContains(loop.cluster().Describe(), "hunter2"));
}

}  // namespace
}  // namespace sluice::images
