// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/caller.h"

#include <grpcpp/security/auth_context.h>
#include <grpcpp/server_context.h>

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace sluice::rpc {
namespace {

std::string First(const grpc::AuthContext& peer, const char* property) {
  const std::vector<grpc::string_ref> values = peer.FindPropertyValues(property);
  return values.empty() ? "" : std::string(values[0].data(), values[0].size());
}

}  // namespace

std::string Caller::host() const { return address.substr(0, address.rfind(':')); }

Caller CallerOf(const grpc::ServerContextBase& call) {
  Caller caller;
  caller.address = call.peer();
  const std::shared_ptr<const grpc::AuthContext> peer = call.auth_context();
  if (peer != nullptr && peer->IsPeerAuthenticated()) {
    caller.common_name = First(*peer, "x509_common_name");
    caller.organizations = SubjectValues(First(*peer, "x509_subject"), "O");
  }
  const auto field = call.client_metadata().find("authorization");
  if (field == call.client_metadata().end()) return caller;
  absl::string_view value(field->second.data(), field->second.size());
  if (!absl::StartsWithIgnoreCase(value, "bearer ")) return caller;
  value.remove_prefix(7);
  caller.bearer_token = Secret(std::string(absl::StripAsciiWhitespace(value)));
  return caller;
}

std::vector<std::string> SubjectValues(absl::string_view subject, absl::string_view attribute) {
  std::vector<std::string> values;
  std::string name;
  std::string text;
  bool in_value = false;
  const auto end_part = [&] {
    if (in_value && name == attribute) values.push_back(text);
    name.clear();
    text.clear();
    in_value = false;
  };
  for (size_t i = 0; i < subject.size(); ++i) {
    const char c = subject[i];
    if (c == '\\' && i + 1 < subject.size()) {
      text.push_back(subject[++i]);
    } else if (c == ',' || c == '+') {
      end_part();
    } else if (c == '=' && !in_value) {
      in_value = true;
    } else {
      (in_value ? text : name).push_back(c);
    }
  }
  end_part();
  return values;
}

}  // namespace sluice::rpc
