// One call of a method by its name, with the request as bytes: for tests that go through all
// methods there are.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/secret.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace sluice::grpc_api {

struct Answer {
  absl::Status status;                // OK also for a stream that was ended by `patience`
  std::vector<std::string> messages;  // as bytes
};

// Calls "/package.Service/Method". A stream is listened to until nothing has come for `patience`.
Answer CallByName(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                  const std::string& request, const Secret& token,
                  absl::Duration patience = absl::Milliseconds(300));

}  // namespace sluice::grpc_api
