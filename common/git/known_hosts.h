// OpenSSH's known_hosts: which keys a host may show. Lines are "[@marker] patterns type key": names
// with "*", "?" and "!" or a hashed name ("|1|salt|hash"), "[host]:port" for ports other than 22.
//
// There is no trust on first use: a host that no line matches is refused.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::git {

// Immutable once parsed.
class KnownHosts {
 public:
  // kInvalidArgument, worded "knownhosts: ...", for a line that is none. Empty lines and comments
  // are skipped.
  static absl::StatusOr<KnownHosts> Parse(absl::string_view text);

  // OK if `key`, in SSH's wire format, is one that `host` may show at `port`. Otherwise
  // kPermissionDenied: "knownhosts: key is unknown" if no line is about the host, "knownhosts: key
  // mismatch" if others of its keys are listed, "knownhosts: key is revoked" (the texts of
  // golang.org/x/crypto/ssh/knownhosts). "@cert-authority" lines admit no plain key.
  absl::Status Check(absl::string_view host, int port, absl::string_view key) const;

  // The types of the keys listed for the host ("ssh-ed25519", ...), each once, in order: what to
  // ask the server for, so that it does not show a key of another type.
  std::vector<std::string> KeyTypes(absl::string_view host, int port) const;

 private:
  struct Entry {
    bool Matches(absl::string_view host, int port) const;

    std::vector<std::string> patterns;
    std::string salt;  // of a hashed name; then `hash` instead of `patterns`
    std::string hash;
    std::string type;
    std::string key;
    bool authority = false;
    bool revoked = false;
  };

  static absl::StatusOr<Entry> ParseLine(absl::string_view line);

  std::vector<Entry> entries_;
};

}  // namespace sluice::git
