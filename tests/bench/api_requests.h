// How many requests a controller has made to the API server.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace sluice::bench {

// Since it started, as it says itself at `metrics`, the address ("127.0.0.1:8080") of its metrics:
// the sum of rest_client_requests_total, which Flux's controllers have, too.
absl::StatusOr<double> ApiRequests(const std::string& metrics);

}  // namespace sluice::bench
