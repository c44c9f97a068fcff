// SPDX-License-Identifier: Apache-2.0
#include "cli/create/credential_files.h"

#include "absl/strings/str_cat.h"
#include "cli/connection.h"
#include "cli/create/source_flags.h"
#include "cli/offline/input.h"
#include "common/base/status_macros.h"

namespace sluice::cli {
namespace {

// Nothing for an empty name.
absl::Status SetContent(Value& data, absl::string_view key, const std::string& file) {
  if (file.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string content, ReadFile(file));
  data.Set(key, content);
  return absl::OkStatus();
}

}  // namespace

void AddTlsFileFlags(Command& command, const std::string& certificate, const std::string& key,
                     const std::string& ca, TlsFiles& files) {
  command.Text(certificate, files.certificate, "file with the client's certificate");
  command.Text(key, files.key, "file with its private key");
  command.Text(ca, files.ca, "file with the authority's certificates");
}

absl::StatusOr<Value> TlsSecretData(const TlsFiles& files) {
  if (files.certificate.empty() != files.key.empty()) {
    return UsageError("a certificate and its private key go together");
  }
  Value data;
  RETURN_IF_ERROR(SetContent(data, "tls.crt", files.certificate));
  RETURN_IF_ERROR(SetContent(data, "tls.key", files.key));
  RETURN_IF_ERROR(SetContent(data, "ca.crt", files.ca));
  return data;
}

absl::StatusOr<Value> HelmSecret(const HelmCredentials& credentials) {
  ASSIGN_OR_RETURN(Value data, TlsSecretData(credentials.tls));
  const bool basic = !credentials.username.empty() || !credentials.password.empty();
  if (data.empty() && !basic) return Value();
  if (data.Has("tls.crt") || !basic) {
    return Value(
        {{"stringData", data}, {"type", data.Has("tls.crt") ? "kubernetes.io/tls" : "Opaque"}});
  }
  if (credentials.username.empty() || credentials.password.empty()) {
    return UsageError("a username and its password go together");
  }
  data.Set("username", credentials.username);
  data.Set("password", credentials.password);
  return Value({{"stringData", data}, {"type", "kubernetes.io/basic-auth"}});
}

void AddGitCredentialFlags(Command& command, GitCredentials& credentials) {
  command.Text("-u,--username", credentials.username, "for basic authentication");
  command.Text("-p,--password", credentials.password,
               "for basic authentication, or of the private key");
  command.Text("--bearer-token", credentials.bearer_token, "instead of a username and password");
  command.Text("--ca-crt-file,--ca-file", credentials.ca_file,
               "file with the authority's certificates");
  command.Text("--private-key-file", credentials.private_key_file, "file with an SSH key");
  command.Text("--known-hosts-file", credentials.known_hosts_file,
               "file with the host's SSH key, as `ssh-keyscan` prints it");
}

absl::StatusOr<Value> GitSecretData(absl::string_view url, const GitCredentials& credentials) {
  const std::string scheme = SchemeOf(url);
  Value data;
  if (scheme == "ssh") {
    if (!credentials.ca_file.empty()) {
      return UsageError("specifying a CA file is not supported for Git over SSH");
    }
    if (credentials.private_key_file.empty() || credentials.known_hosts_file.empty()) {
      return UsageError("for Git over SSH --private-key-file and --known-hosts-file are required");
    }
    RETURN_IF_ERROR(SetContent(data, "identity", credentials.private_key_file));
    RETURN_IF_ERROR(SetContent(data, "known_hosts", credentials.known_hosts_file));
    if (!credentials.password.empty()) data.Set("password", credentials.password);
    return data;
  }
  if (scheme != "http" && scheme != "https") {
    return UsageError(
        absl::StrCat("git URL scheme '", scheme, "' not supported, can be: ssh, http and https"));
  }
  const bool basic = !credentials.username.empty() && !credentials.password.empty();
  if (basic && !credentials.bearer_token.empty()) {
    return UsageError("user credentials and bearer token cannot be used together");
  }
  if (!basic && credentials.bearer_token.empty()) {
    return UsageError(
        "for Git over HTTP/S the username and password, or a bearer token is required");
  }
  if (basic) {
    data.Set("username", credentials.username);
    data.Set("password", credentials.password);
  } else {
    data.Set("bearerToken", credentials.bearer_token);
  }
  RETURN_IF_ERROR(SetContent(data, "ca.crt", credentials.ca_file));
  return data;
}

}  // namespace sluice::cli
