// What the exchanges of this folder have in common: their result, and what they work with.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/http/transport.h"
#include "common/kube/client.h"
#include "common/kube/object_key.h"
#include "common/value/value.h"

namespace sluice::cloud_identity {

// A token, or AWS's three parts of a signing key.
struct Credentials {
  std::string access_key_id;  // AWS only
  Secret secret;              // the token; AWS: the secret access key
  Secret session_token;       // AWS only, and not always
  absl::Time expires = absl::InfiniteFuture();
};

// The process's surroundings, for tests to replace.
struct Environment {
  std::function<std::string(absl::string_view name)> variable;  // "" if it is not set
  std::function<absl::StatusOr<std::string>(const std::string& path)> file;
};

// The real ones. Files are read up to 64 KiB.
const Environment& ProcessEnvironment();

// All of them outlive the call.
struct Services {
  kube::Client& client;
  http::Transport& transport;
  const Environment& environment;
  Clock& clock;
};

// Whose identity is exchanged: that of the service account, or the process's own.
using Identity = std::optional<kube::ObjectKey>;

// One exchange whose answer is JSON. `what` names the service in errors; of an answer that is an
// error, its status and the fields that OAuth and AWS explain errors in, nothing else.
absl::StatusOr<Value> Exchange(const Context& ctx, http::Transport& transport,
                               const http::Request& request, absl::string_view what);

// The claims of a JWT that nobody checks the signature of, null if it is none.
Value UncheckedClaims(absl::string_view jwt);

// "a=b&c=d", escaped.
std::string Form(std::initializer_list<std::pair<absl::string_view, absl::string_view>> fields);

}  // namespace sluice::cloud_identity
