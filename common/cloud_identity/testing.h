// The clouds' services and the process's surroundings, for this folder's tests.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/cloud_identity/services.h"
#include "common/testing/fake_clock.h"

namespace sluice::cloud_identity {

// Answers by "METHOD URL", the query left out, and what was asked.
class Clouds : public http::Transport {
 public:
  absl::StatusOr<http::Response> Send(const Context&, const http::Request& request) override {
    requests.push_back(request);
    http::Response response;
    const auto it = answers.find(
        absl::StrCat(request.method, " ", request.url.substr(0, request.url.find('?'))));
    response.status = it == answers.end() ? 404 : 200;
    if (it != answers.end()) response.body = it->second;
    return response;
  }
  absl::Status Stream(const Context&, const http::Request&, http::OnHead, http::OnData) override {
    return absl::UnimplementedError("no streams here");
  }

  Services services(kube::Client& client) { return {client, *this, surroundings, clock}; }

  std::map<std::string, std::string> answers;
  std::vector<http::Request> requests;
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> files;
  sluice::testing::FakeClock clock;
  const Environment surroundings = {[this](absl::string_view name) {
                                      const auto it = variables.find(std::string(name));
                                      return it == variables.end() ? std::string() : it->second;
                                    },
                                    [this](const std::string& path) -> absl::StatusOr<std::string> {
                                      const auto it = files.find(path);
                                      if (it == files.end()) return absl::NotFoundError(path);
                                      return it->second;
                                    }};
};

}  // namespace sluice::cloud_identity
