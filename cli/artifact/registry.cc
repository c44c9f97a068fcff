// SPDX-License-Identifier: Apache-2.0
#include "cli/artifact/registry.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/connection.h"
#include "common/base/status_macros.h"
#include "common/oci/local_logins.h"

namespace sluice::cli {
namespace {

// "user:password", or a password that says all.
oci::Credential ParseCredentials(const std::string& text) {
  const size_t colon = text.find(':');
  oci::Credential credential;
  if (colon == std::string::npos) {
    credential.registry_token = Secret(text);
  } else {
    credential.username = text.substr(0, colon);
    credential.password = Secret(text.substr(colon + 1));
  }
  return credential;
}

}  // namespace

void AddRegistryFlags(Command& command, RegistryOptions& options) {
  command.Positional("URL", options.url, "oci://registry/repository[:tag]", /*required=*/true);
  command.Text("--creds", options.credentials,
               "user:password, or a token; default: the logins of docker and helm");
  command.Bool("--insecure-registry", options.insecure, "plain HTTP is allowed");
  command.Duration("--timeout", options.timeout, "of the whole command");
}

absl::StatusOr<std::unique_ptr<oci::Client>> ConnectRegistry(const RegistryOptions& options) {
  oci::ClientOptions client;
  client.insecure = options.insecure;
  if (!options.credentials.empty()) {
    client.credentials = [credential = ParseCredentials(options.credentials)](
                             const Context& /*ctx*/, const oci::Repository& /*repository*/) {
      return credential;
    };
  } else {
    ASSIGN_OR_RETURN(oci::Keyring keyring, oci::LocalLogins());
    client.credentials = oci::FromKeyring(std::move(keyring));
  }
  return oci::Client::Create(std::move(client));
}

absl::StatusOr<std::string> ArtifactName(const RegistryOptions& options) {
  absl::string_view name = options.url;
  if (!absl::ConsumePrefix(&name, "oci://")) {
    return UsageError(absl::StrCat("URL must be in format 'oci://<domain>/<org>/<repo>', not \"",
                                   options.url, "\""));
  }
  return std::string(name);
}

}  // namespace sluice::cli
