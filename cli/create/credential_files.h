// Secrets made of flags and files, as our controllers read them (spec/cli.md §5.2).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/flags/command.h"
#include "common/value/value.h"

namespace sluice::cli {

// Names of PEM files.
struct TlsFiles {
  std::string certificate;
  std::string key;
  std::string ca;
};
void AddTlsFileFlags(Command& command, const std::string& certificate, const std::string& key,
                     const std::string& ca, TlsFiles& files);
// {tls.crt, tls.key, ca.crt} of those that are named. A certificate needs its key.
absl::StatusOr<Value> TlsSecretData(const TlsFiles& files);

struct HelmCredentials {
  std::string username;
  std::string password;
  TlsFiles tls;
};
// {stringData, type}; no data if nothing is given. A client certificate wins over a password.
absl::StatusOr<Value> HelmSecret(const HelmCredentials& credentials);

struct GitCredentials {
  bool empty() const {
    return username.empty() && password.empty() && bearer_token.empty() && ca_file.empty() &&
           private_key_file.empty();
  }

  std::string username;
  std::string password;  // also of the private key
  std::string bearer_token;
  std::string ca_file;
  std::string private_key_file;
  std::string known_hosts_file;
};
void AddGitCredentialFlags(Command& command, GitCredentials& credentials);
// The stringData of a Secret for the repository at `url`. A UsageError for what does not fit its
// scheme.
absl::StatusOr<Value> GitSecretData(absl::string_view url, const GitCredentials& credentials);

}  // namespace sluice::cli
