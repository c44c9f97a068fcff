// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "cli/create/commands.h"
#include "cli/create/credential_files.h"
#include "cli/create/source_flags.h"
#include "common/base/status_macros.h"

namespace sluice::cli {
namespace {

struct Options : SourceOptions {
  std::string oci_provider;
  bool pass_credentials = false;
  HelmCredentials credentials;
};

absl::StatusOr<Creation> Create(const Options& options) {
  if (options.url.empty()) return UsageError("url is required");
  const std::string scheme = SchemeOf(options.url);
  if (scheme != "http" && scheme != "https" && scheme != "oci") {
    return UsageError(
        absl::StrCat("url scheme '", scheme, "' not supported, can be: http, https and oci"));
  }
  if (options.url.size() == scheme.size() + 3) return UsageError("url host is required");
  Creation creation;
  SetSourceFields(options, creation.spec);
  if (scheme == "oci") {
    creation.spec.Set("type", "oci");
    SetText(creation.spec, "provider", options.oci_provider);
  }
  if (options.secret_ref.empty() && !options.exported) {
    ASSIGN_OR_RETURN(const Value secret, HelmSecret(options.credentials));
    creation.secret = secret["stringData"];
    creation.secret_name = absl::StrCat("helm-", options.name);
  }
  const bool has_secret = !options.secret_ref.empty() || !creation.secret.empty();
  SetTrue(creation.spec, "passCredentials", has_secret && options.pass_credentials);
  return creation;
}

}  // namespace

void AddCreateHelmRepository(Command& create) {
  const auto options = std::make_shared<Options>();
  Command& helm = AddCreation(create, "helm", "HelmRepository", options,
                              [options] { return Create(*options); });
  helm.Text("--url", options->url, "http, https or oci");
  helm.Text("--oci-provider", options->oci_provider, "whose login to use: aws, azure, gcp");
  helm.Bool("--pass-credentials", options->pass_credentials, "to all hosts that charts come from");
  AddSourceFlags(helm, *options);
  helm.Text("-u,--username", options->credentials.username, "for basic authentication");
  helm.Text("-p,--password", options->credentials.password, "for basic authentication");
  AddTlsFileFlags(helm, "--cert-file", "--key-file", "--ca-file", options->credentials.tls);
}

}  // namespace sluice::cli
