// How a Helm repository over HTTP is spoken to: its certificates and credentials
// (spec/source.md §6.2).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/api/source/helm_repository.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/http/message.h"
#include "common/http/transport.h"
#include "services/source-controller/source/collaborators.h"

namespace sluice::source_controller {

// Thread-safe.
class HelmAccess {
 public:
  // Reads the Secrets of `spec` in `ns`. Errors carry the reason of FetchFailed: "URLInvalid",
  // "AuthenticationFailed" or "Failed".
  static absl::StatusOr<HelmAccess> Create(const Context& ctx, const Collaborators& with,
                                           const std::string& ns,
                                           const api::HelmRepositorySpec& spec);

  // Hands the body at `url` to `write` as it comes. kResourceExhausted with `too_large` as soon as
  // there are more than `limit` bytes. The repository's credentials are sent if `url` has its
  // scheme, host and port, or if the spec passes them to others. Ends with `ctx`, or after the
  // spec's timeout.
  using Write = absl::FunctionRef<absl::Status(absl::string_view bytes)>;
  absl::Status Download(const Context& ctx, const std::string& url, int64_t limit,
                        absl::string_view too_large, Write write) const;

 private:
  HelmAccess() = default;

  std::shared_ptr<http::Transport> transport_;
  http::Url repository_;
  Secret authorization_;  // the header's value, or empty
  bool pass_credentials_ = false;
  absl::Duration timeout_;
};

// `url` without user info and query, for messages.
std::string RedactedUrl(absl::string_view url);

}  // namespace sluice::source_controller
