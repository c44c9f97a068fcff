// Registries that lie, break off, trickle and never end.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/oci/client.h"
#include "common/oci_testing/registry.h"
#include "common/testing/status_matchers.h"

namespace sluice::oci {
namespace {

using ::sluice::oci_testing::Registry;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const Context& Ctx() {
  static const Context* const context = new Context(Context::Background());
  return *context;
}

std::unique_ptr<Client> NewClient(ClientOptions options = {}) {
  options.first_wait = absl::Milliseconds(1);
  return Client::Create(std::move(options)).value();
}

Reference RefTo(const Registry& registry, absl::string_view rest) {
  return ParseReference(absl::StrCat(registry.host(), "/", rest)).value();
}

// A registry with one blob, and what came of fetching it.
struct BlobFetch {
  BlobFetch() : content(200'000, 'c') {
    content += "the end";
    blob.digest = Digest::Parse(registry.AddBlob("org/app", content)).value();
    blob.size = static_cast<int64_t>(content.size());
  }

  absl::Status Run(const Context& ctx = Ctx()) {
    got.clear();
    return NewClient()->FetchBlob(ctx, RefTo(registry, "org/app").repository, blob,
                                  [&](absl::string_view bytes) {
                                    got.append(bytes.data(), bytes.size());
                                    return absl::OkStatus();
                                  });
  }

  Registry registry;
  std::string content, got;
  Descriptor blob;
};

TEST_CASE("a blob that breaks off is taken up where it ended", "[oci]") {
  BlobFetch fetch;
  fetch.registry.SetFault(oci_testing::BreakOff("/blobs/", 50'000, 2));
  CHECK_THAT(fetch.Run(), IsOk());
  CHECK(fetch.got == fetch.content);
  CHECK(fetch.registry.requests().back().range == "bytes=100000-");
  CHECK(fetch.registry.CountOf("/blobs/") == 3);

  fetch.registry.SetFault(oci_testing::BreakOff("/blobs/", 10, 100));
  CHECK_THAT(fetch.Run(), StatusIs(absl::StatusCode::kUnavailable));
  CHECK(fetch.registry.CountOf("/blobs/") == 6);
}

TEST_CASE("a registry that knows no ranges sends the blob again from its start", "[oci]") {
  BlobFetch fetch;
  int times = 0;
  const auto break_off = oci_testing::BreakOff("/blobs/", 50'000, 1);
  fetch.registry.SetFault([&](const http::ServerRequest& request, http::ServerResponse& response) {
    if (++times == 1) return;  // the first question is how to speak to it
    if (!request.headers.Get("Range").empty()) {
      response.status = 200;
      response.body = fetch.content;
      response.headers.Remove("Content-Range");
    }
    break_off(request, response);
  });
  CHECK_THAT(fetch.Run(), IsOk());
  CHECK(fetch.got == fetch.content);
}

TEST_CASE("a blob of another size or content is refused", "[oci]") {
  BlobFetch fetch;
  fetch.registry.SetFault(oci_testing::Replace("/blobs/", "short"));
  CHECK_THAT(fetch.Run(), StatusIs(absl::StatusCode::kDataLoss, "sends 5 bytes, not 200007"));
  fetch.registry.SetFault(oci_testing::Replace("/blobs/", fetch.content + "!"));
  CHECK_THAT(fetch.Run(), StatusIs(absl::StatusCode::kDataLoss, "sends 200008 bytes"));
  CHECK(fetch.got.empty());
  fetch.registry.SetFault(oci_testing::Replace("/blobs/", std::string(fetch.content.size(), 'x')));
  CHECK_THAT(fetch.Run(), StatusIs(absl::StatusCode::kDataLoss, "content has the digest"));

  // Without a length only the end tells.
  for (const std::string& body : {std::string(300'000, 'c'), std::string("short")}) {
    fetch.registry.SetFault(
        [&](const http::ServerRequest& request, http::ServerResponse& response) {
          if (request.path == "/v2/") return;
          response.stream = [&](const Context&, const http::Sink& sink) { sink(body); };
        });
    CHECK_THAT(fetch.Run(), StatusIs(absl::StatusCode::kDataLoss));
    CHECK(fetch.got.size() <= fetch.content.size());
  }
}

TEST_CASE("a blob that trickles takes as long as the caller allows", "[oci]") {
  BlobFetch fetch;
  fetch.registry.SetFault(oci_testing::Trickle("/blobs/"));
  const absl::Time start = absl::Now();
  CHECK_THAT(fetch.Run(Ctx().WithTimeout(absl::Milliseconds(200))),
             StatusIs(absl::StatusCode::kDeadlineExceeded));
  CHECK(absl::Now() - start < absl::Seconds(10));
}

TEST_CASE("the sink can end a transfer", "[oci]") {
  BlobFetch fetch;
  const absl::Status status =
      NewClient()->FetchBlob(Ctx(), RefTo(fetch.registry, "org/app").repository, fetch.blob,
                             [](absl::string_view) { return absl::CancelledError("enough"); });
  CHECK_THAT(status, StatusIs(absl::StatusCode::kCancelled, "enough"));
}

TEST_CASE("an overloaded registry is tried again, so often", "[oci]") {
  Registry registry;
  registry.AddArtifact("org/app", "v1", "t", "x");
  const Reference reference = RefTo(registry, "org/app:v1");
  const auto client = NewClient();
  for (const int status : {408, 429, 500, 502, 503, 504}) {
    CAPTURE(status);
    registry.SetFault(oci_testing::FailWith("/manifests/", status, "busy", 2));
    CHECK_THAT(client->GetManifest(Ctx(), reference).status(), IsOk());
    registry.SetFault(oci_testing::FailWith("/manifests/", status, "busy", 3));
    CHECK_THAT(client->GetManifest(Ctx(), reference).status(),
               StatusIs(absl::StatusCode::kUnavailable, ": busy"));
  }
  registry.SetFault(oci_testing::FailWith("/manifests/", 403, "", 1));
  CHECK_THAT(client->GetManifest(Ctx(), reference).status(),
             StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_CASE("waiting for another try ends with the context", "[oci]") {
  Registry registry;
  registry.AddArtifact("org/app", "v1", "t", "x");
  registry.SetFault(oci_testing::FailWith("/manifests/", 503, "", 100));
  ClientOptions options;
  options.first_wait = absl::Hours(1);
  const auto client = Client::Create(options).value();
  CHECK_THAT(
      client->GetManifest(Ctx().WithTimeout(absl::Milliseconds(200)), RefTo(registry, "org/app:v1"))
          .status(),
      StatusIs(absl::StatusCode::kUnavailable, "503"));
  CHECK(registry.CountOf("/manifests/v1") == 1);
}

TEST_CASE("lists of tags that never end, or are none, end with an error", "[oci]") {
  Registry registry;
  registry.AddArtifact("org/app", "v1", "t", "x");
  const Repository repository = RefTo(registry, "org/app").repository;
  const auto list = [&](ClientOptions options) {
    return NewClient(std::move(options))->ListTags(Ctx(), repository).status();
  };
  registry.SetFault(oci_testing::EndlessTags());
  ClientOptions few;
  few.limits.tag_pages = 5;
  CHECK_THAT(list(few), StatusIs(absl::StatusCode::kResourceExhausted, "more than 5 pages"));
  ClientOptions small;
  small.limits.tag_bytes = 20;
  CHECK_THAT(list(small), StatusIs(absl::StatusCode::kResourceExhausted, "20 bytes of tags"));

  registry.SetFault([](const http::ServerRequest& request, http::ServerResponse& response) {
    response.headers.Set("Link", absl::StrCat("<", request.raw_path, "?n=1000>; rel=\"next\""));
  });
  CHECK_THAT(list({}), StatusIs(absl::StatusCode::kFailedPrecondition, "read before"));

  ClientOptions page;
  page.limits.tag_page_bytes = 10;
  registry.SetFault(nullptr);
  CHECK_THAT(list(page), StatusIs(absl::StatusCode::kResourceExhausted, "more than 10 bytes"));
  for (const char* body : {"", "[]", R"({"tags":"v1"})", "<html>"}) {
    registry.SetFault(oci_testing::Replace("/tags/", body));
    CHECK_THAT(list({}), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_CASE("a manifest is held against the digest asked for, and bounded", "[oci]") {
  Registry registry;
  const std::string digest = registry.AddArtifact("org/app", "v1", "t", "x");
  const Reference reference = RefTo(registry, "org/app@" + digest);
  ClientOptions options;
  options.limits.manifest_bytes = 100;
  CHECK_THAT(NewClient(options)->GetManifest(Ctx(), reference).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "more than 100 bytes"));
  registry.SetFault(oci_testing::Replace("/manifests/", "{}"));
  CHECK_THAT(NewClient()->GetManifest(Ctx(), reference).status(),
             StatusIs(absl::StatusCode::kDataLoss, "does not match requested digest"));
  CHECK_THAT(NewClient()->GetImage(Ctx(), RefTo(registry, "org/app:v1"), Platform()).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "config"));
  registry.SetFault([&](const http::ServerRequest&, http::ServerResponse& response) {
    response.headers.Set("Docker-Content-Digest", "sha256:" + std::string(64, '0'));
  });
  CHECK_THAT(NewClient()->Head(Ctx(), reference).status(),
             StatusIs(absl::StatusCode::kDataLoss, "does not match requested digest"));
  registry.SetFault([](const http::ServerRequest&, http::ServerResponse& response) {
    response.headers.Remove("Docker-Content-Digest");
  });
  CHECK_THAT(NewClient()->Head(Ctx(), reference).status(),
             StatusIs(absl::StatusCode::kFailedPrecondition, "Docker-Content-Digest header"));
  CHECK(NewClient()->Resolve(Ctx(), reference)->digest.ToString() == digest);
}

TEST_CASE("a refusal without an end is cut", "[oci]") {
  Registry registry;
  registry.AddArtifact("org/app", "v1", "t", "x");
  registry.SetFault([](const http::ServerRequest& request, http::ServerResponse& response) {
    if (request.path == "/v2/") return;
    response.status = 403;
    response.stream = [](const Context&, const http::Sink& sink) {
      while (sink(std::string(10'000, 'n'))) {
      }
    };
  });
  const absl::Status status =
      NewClient()->GetManifest(Ctx(), RefTo(registry, "org/app:v1")).status();
  CHECK_THAT(status, StatusIs(absl::StatusCode::kPermissionDenied, "nnn"));
  CHECK(status.message().size() < 70'000);
}

TEST_CASE("a redirect that leads in circles ends", "[oci]") {
  Registry registry;
  registry.AddArtifact("org/app", "v1", "t", "x");
  registry.SetFault(oci_testing::RedirectTo("/manifests/", "/v2/org/app/manifests/v1"));
  ClientOptions options;
  options.tries = 1;
  CHECK_THAT(NewClient(options)->GetManifest(Ctx(), RefTo(registry, "org/app:v1")).status(),
             StatusIs(absl::StatusCode::kFailedPrecondition, "stopped after 10 redirects"));
}

TEST_CASE("what answers for no registry is none", "[oci]") {
  Registry registry;
  registry.SetFault(oci_testing::FailWith("/v2/", 404, "not here", 100));
  CHECK_THAT(NewClient()->Head(Ctx(), RefTo(registry, "org/app:v1")).status(),
             StatusIs(absl::StatusCode::kNotFound, "not here"));
  registry.SetFault([](const http::ServerRequest&, http::ServerResponse& response) {
    response.status = 401;
    response.headers.Set("WWW-Authenticate", "Negotiate");
  });
  CHECK_THAT(NewClient()->Head(Ctx(), RefTo(registry, "org/app:v1")).status(),
             StatusIs(absl::StatusCode::kUnauthenticated, "unrecognized challenge: Negotiate"));
}

}  // namespace
}  // namespace sluice::oci
