// As many long answers at once as controllers ask an API server for.

// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/http/client.h"
#include "common/http/server.h"

namespace sluice::http {
namespace {

TEST_CASE("200 watches run at once on one server and end together", "[http]") {
  constexpr int kWatches = 200;
  absl::Mutex mutex;
  bool go = false;
  const auto answer = [&](const Context&, const ServerRequest&) {
    ServerResponse response;
    response.stream = [&](const Context& ctx, const Sink& sink) {
      sink("added\n");
      const auto wake = ctx.OnCancel([&] { const absl::MutexLock lock(&mutex); });
      mutex.LockWhen(absl::Condition(&go));
      mutex.Unlock();
      sink("modified\n");
    };
    return response;
  };
  const auto server = Server::Start({.address = "127.0.0.1:0"}, answer).value();
  const auto client = CreateClient({}).value();
  Request request;
  request.url = absl::StrCat("http://127.0.0.1:", server->port(), "/");
  std::atomic<int> added = 0;
  std::atomic<int> whole = 0;
  {
    std::vector<std::jthread> watchers;
    for (int i = 0; i < kWatches; ++i) {
      watchers.emplace_back([&] {
        std::string seen;
        const absl::Status status = client->Stream(
            Context::Background(), request, [](const Response&) { return absl::OkStatus(); },
            [&](absl::string_view bytes) {
              seen.append(bytes.data(), bytes.size());
              if (seen == "added\n" && ++added == kWatches) {
                const absl::MutexLock lock(&mutex);
                go = true;
              }
              return absl::OkStatus();
            });
        if (status.ok() && seen == "added\nmodified\n") ++whole;
      });
    }
  }
  CHECK(whole == kWatches);
}

}  // namespace
}  // namespace sluice::http
