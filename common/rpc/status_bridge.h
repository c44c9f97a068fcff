// absl::Status and grpc::Status, which have the same codes.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace sluice::rpc {

// Code and message; payloads do not travel. A message over 2 KiB is cut, since it becomes a header.
grpc::Status ToGrpc(const absl::Status& status);

// Code and message. A code that gRPC does not define becomes kUnknown.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace sluice::rpc
