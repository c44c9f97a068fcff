// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/status_bridge.h"

#include <grpcpp/support/status.h>

#include <string>

namespace sluice::rpc {
namespace {

constexpr size_t kMaxMessage = 2048;

// `message` within the limit, not cut within a UTF-8 sequence.
std::string Bounded(absl::string_view message) {
  if (message.size() <= kMaxMessage) return std::string(message);
  size_t end = kMaxMessage;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xc0) == 0x80) --end;
  return std::string(message.substr(0, end));
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), Bounded(status.message()));
}

absl::Status FromGrpc(const grpc::Status& status) {
  const int code = status.error_code();
  if (code == grpc::StatusCode::OK) return absl::OkStatus();
  const bool known = code > 0 && code <= grpc::StatusCode::UNAUTHENTICATED;
  return absl::Status(known ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kUnknown,
                      status.error_message());
}

}  // namespace sluice::rpc
