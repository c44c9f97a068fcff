// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/canned_transport.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"

namespace sluice::fuzz {
namespace {

http::Response Answer(absl::string_view text) {
  http::Response answer;
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits("\n\n", 1));
  answer.status = 200;
  answer.body = std::string(parts.second);
  for (absl::string_view line : absl::StrSplit(parts.first, '\n')) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(": ", 1));
    int status = 0;
    if (absl::SimpleAtoi(line, &status)) {
      answer.status = std::clamp(status, 100, 599);
    } else if (!field.first.empty()) {
      answer.headers.Add(field.first, field.second);
    }
  }
  return answer;
}

}  // namespace

CannedTransport::CannedTransport(absl::string_view input) {
  for (absl::string_view answer : absl::StrSplit(input, "===\n")) {
    answers_.push_back(Answer(answer));
  }
}

absl::StatusOr<http::Response> CannedTransport::Send(const Context&, const http::Request&) {
  if (++requests_ > 50) return absl::UnavailableError("the server is gone");
  return answers_[std::min(requests_, answers_.size()) - 1];
}

absl::Status CannedTransport::Stream(const Context& ctx, const http::Request& request,
                                     http::OnHead on_head, http::OnData on_data) {
  ASSIGN_OR_RETURN(http::Response answer, Send(ctx, request));
  const std::string body = std::move(answer.body);
  answer.body.clear();
  if (on_head != nullptr) RETURN_IF_ERROR(on_head(answer));
  return body.empty() ? absl::OkStatus() : on_data(body);
}

}  // namespace sluice::fuzz
