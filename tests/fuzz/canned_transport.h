// A server whose answers are the sections of an input.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/http/transport.h"

namespace sluice::fuzz {

// Answers one request after the other with what stands between "===" lines; the first line of an
// answer is its status, then come fields and, after an empty line, the body. The last answer is for
// all further requests; after 50 the server is gone.
class CannedTransport : public http::Transport {
 public:
  explicit CannedTransport(absl::string_view input);

  absl::StatusOr<http::Response> Send(const Context& ctx, const http::Request& request) override;
  absl::Status Stream(const Context& ctx, const http::Request& request, http::OnHead on_head,
                      http::OnData on_data) override;

 private:
  std::vector<http::Response> answers_;
  size_t requests_ = 0;
};

}  // namespace sluice::fuzz
