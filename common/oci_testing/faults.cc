// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <memory>
#include <stdexcept>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/oci_testing/registry.h"

namespace sluice::oci_testing {
namespace {

// True for the first `times` calls.
std::function<bool()> Countdown(int times) {
  const auto left = std::make_shared<std::atomic<int>>(times);
  return [left] { return (*left)-- > 0; };
}

}  // namespace

Fault BreakOff(absl::string_view part, size_t bytes, int times) {
  return [part = std::string(part), bytes, due = Countdown(times)](
             const http::ServerRequest& request, http::ServerResponse& response) {
    if (!absl::StrContains(request.path, part) || response.status / 100 != 2 || !due()) return;
    response.headers.Set("Content-Length", absl::StrCat(response.body.size()));
    response.stream = [kept = response.body.substr(0, bytes)](const Context&,
                                                              const http::Sink& sink) {
      sink(kept);
      throw std::runtime_error("a fault of the test");  // the server closes the connection
    };
  };
}

Fault ClaimLength(absl::string_view part, size_t length) {
  return [part = std::string(part), length](const http::ServerRequest& request,
                                            http::ServerResponse& response) {
    if (!absl::StrContains(request.path, part)) return;
    response.headers.Set("Content-Length", absl::StrCat(length));
  };
}

Fault FailWith(absl::string_view part, int status, absl::string_view body, int times) {
  return [part = std::string(part), status, body = std::string(body), due = Countdown(times)](
             const http::ServerRequest& request, http::ServerResponse& response) {
    if (!absl::StrContains(request.path, part) || !due()) return;
    response = http::ServerResponse{.status = status, .headers = {}, .body = body, .stream = {}};
  };
}

Fault Trickle(absl::string_view part) {
  return [part = std::string(part)](const http::ServerRequest& request,
                                    http::ServerResponse& response) {
    if (!absl::StrContains(request.path, part)) return;
    response.headers.Remove("Content-Length");
    response.stream = [](const Context& ctx, const http::Sink& sink) {
      while (sink(" ") && RealClock().Sleep(ctx, absl::Milliseconds(20)).ok()) {
      }
    };
  };
}

Fault RedirectTo(absl::string_view part, absl::string_view location) {
  return [part = std::string(part), location = std::string(location)](
             const http::ServerRequest& request, http::ServerResponse& response) {
    if (!absl::StrContains(request.path, part)) return;
    response = http::ServerResponse{.status = 307, .headers = {}, .body = "", .stream = {}};
    response.headers.Set("Location", location);
  };
}

Fault Replace(absl::string_view part, absl::string_view body) {
  return [part = std::string(part), body = std::string(body)](const http::ServerRequest& request,
                                                              http::ServerResponse& response) {
    if (!absl::StrContains(request.path, part)) return;
    response.body = body;
    response.headers.Remove("Content-Length");
  };
}

Fault EndlessTags() {
  const auto page = std::make_shared<std::atomic<int>>(0);
  return [page](const http::ServerRequest& request, http::ServerResponse& response) {
    if (!absl::EndsWith(request.path, "/tags/list")) return;
    const int number = ++*page;
    response.status = 200;
    response.body = absl::StrCat(R"({"name":"x","tags":["t)", number, R"("]})");
    response.headers.Remove("Content-Length");
    response.headers.Set("Link",
                         absl::StrCat("<", request.raw_path, "?last=", number, ">; rel=\"next\""));
  };
}

}  // namespace sluice::oci_testing
