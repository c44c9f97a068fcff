// Heads of requests and responses: fields that could be sent on are sendable, and no value adds a
// field.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/match.h"
#include "common/http/wire.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

namespace {

void CheckFields(const http::Headers& headers) {
  Require(headers.fields().size() <= http::kMaxFields, "no more fields than the limit");
  for (const auto& [name, value] : headers.fields()) {
    std::string line;
    http::AppendField(line, name, value);
    Require(absl::EndsWith(line, "\r\n") && line.find('\n') == line.size() - 1,
            "a field is one line", line);
  }
}

}  // namespace

FUZZ_TARGET(http_head, input) {
  if (const auto head = http::ParseRequestHead(input); head.ok()) {
    CheckFields(head->headers);
    (void)http::RequestFraming(head->headers);
    (void)http::KeepsAlive(head->minor_version, head->headers);
    (void)http::CheckSendable(head->method, head->headers);
  }
  if (const auto head = http::ParseResponseHead(input); head.ok()) {
    CheckFields(head->headers);
    Require(head->status >= 100 && head->status <= 999, "a status has three digits");
    (void)http::ResponseFraming("GET", *head);
    (void)http::ResponseFraming("HEAD", *head);
  }
}

}  // namespace sluice::fuzz
