// Caller: what a call says about who makes it, before anybody has judged it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/secret.h"

namespace grpc {
class ServerContextBase;
}  // namespace grpc

namespace sluice::rpc {

struct Caller {
  Secret bearer_token;  // of the metadata key "authorization"; empty without one
  // Of the verified client certificate's subject; empty without one.
  std::string common_name;
  std::vector<std::string> organizations;
  std::string address;  // as gRPC writes it, for logs ("ipv4:127.0.0.1:4711")
  // The address without the port: where the calls come from.
  std::string host() const;
};

Caller CallerOf(const grpc::ServerContextBase& call);

// The values of `attribute` ("O") in a distinguished name as RFC 2253 writes it ("CN=a,O=x\,y").
std::vector<std::string> SubjectValues(absl::string_view subject, absl::string_view attribute);

}  // namespace sluice::rpc
