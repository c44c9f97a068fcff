// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/api_requests.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/http/client.h"

namespace sluice::bench {

absl::StatusOr<double> ApiRequests(const std::string& metrics) {
  ASSIGN_OR_RETURN(const auto client, http::CreateClient({}));
  http::Request request;
  request.url = absl::StrCat("http://", metrics, "/metrics");
  ASSIGN_OR_RETURN(const http::Response answer,
                   client->Send(Context::Background().WithTimeout(absl::Seconds(10)), request));
  double sum = 0;
  for (const absl::string_view line : absl::StrSplit(answer.body, '\n')) {
    double count = 0;
    if (absl::StartsWith(line, "rest_client_requests_total{") &&
        absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &count)) {
      sum += count;
    }
  }
  return sum;
}

}  // namespace sluice::bench
