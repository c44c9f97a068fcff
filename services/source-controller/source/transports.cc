// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/source/transports.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"

namespace sluice::source_controller {
namespace {

// Every field of the options; each text with its size, so that none runs into the next.
std::string KeyOf(const http::ClientOptions& options) {
  crypto::Digester digester(crypto::Algorithm::kSha256);
  const auto add = [&digester](absl::string_view text) {
    digester.Update(absl::StrCat(text.size(), ":"));
    digester.Update(text);
  };
  const http::TlsOptions& tls = options.tls;
  add(tls.ca_pem);
  add(tls.certificate_pem);
  add(tls.private_key_pem.Reveal());
  add(tls.server_name);
  add(options.proxy_url);
  add(options.user_agent);
  digester.Update(absl::StrCat(tls.and_system_authorities, " ", tls.insecure_skip_verify, " ",
                               absl::FormatDuration(options.connect_timeout), " ",
                               absl::FormatDuration(options.idle_timeout), " ", options.max_body,
                               " ", options.max_redirects, " ", options.max_idle_connections));
  return digester.Finish();
}

}  // namespace

absl::StatusOr<std::shared_ptr<http::Transport>> Transports::Get(
    const http::ClientOptions& options) {
  std::string key = KeyOf(options);
  absl::MutexLock lock(&mutex_);
  const auto it = std::find_if(entries_.begin(), entries_.end(),
                               [&key](const Entry& entry) { return entry.key == key; });
  if (it != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, it);
    return it->transport;
  }
  ASSIGN_OR_RETURN(std::shared_ptr<http::Transport> transport, http::CreateClient(options));
  entries_.push_front({std::move(key), transport});
  if (entries_.size() > kMaxKept) entries_.pop_back();
  return transport;
}

}  // namespace sluice::source_controller
