// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_repository/registry_access.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/credentials/identity.h"
#include "common/credentials/registry_access.h"
#include "common/credentials/secret.h"
#include "common/oci/credentials.h"

namespace sluice::image_controller {
namespace {

using credentials::SecretData;

constexpr absl::string_view kClouds[] = {"aws", "azure", "gcp"};
}  // namespace

absl::StatusOr<std::unique_ptr<oci::Client>> OpenRegistry(const Context& ctx,
                                                          const Collaborators& with,
                                                          const std::string& ns,
                                                          const api::ImageRepositorySpec& spec) {
  oci::ClientOptions options;
  options.insecure = spec.insecure;
  if (!spec.proxy_secret_name.empty()) {
    ASSIGN_OR_RETURN(options.proxy_url,
                     credentials::ReadProxyUrl(ctx, with.client, {ns, spec.proxy_secret_name}));
  }
  if (!spec.cert_secret_name.empty()) {
    const kube::ObjectKey key = {ns, spec.cert_secret_name};
    ASSIGN_OR_RETURN(const SecretData data, credentials::ReadSecret(ctx, with.client, key));
    ASSIGN_OR_RETURN(options.tls, credentials::TlsFromSecret(data, key, /*required=*/true));
  }
  if (spec.provider == credentials::kGenericProvider) {
    ASSIGN_OR_RETURN(const std::vector<std::string> names,
                     credentials::PullSecretNames(ctx, with.client, ns, spec.secret_name,
                                                  spec.service_account_name));
    ASSIGN_OR_RETURN(oci::Keyring keyring,
                     credentials::ReadPullSecrets(ctx, with.client, ns, names));
    options.credentials = oci::FromKeyring(std::move(keyring));
  } else if (std::find(std::begin(kClouds), std::end(kClouds), spec.provider) !=
             std::end(kClouds)) {
    options.credentials = [&with, provider = spec.provider, proxy_url = options.proxy_url,
                           identity = credentials::IdentityOf(ns, spec.service_account_name,
                                                              with.options.identity())](
                              const Context& when, const oci::Repository& repository) {
      return credentials::RegistryLogin(when, with.cloud, with.tokens, identity, provider,
                                        repository.registry, proxy_url, "image");
    };
  } else {
    return absl::InvalidArgumentError(absl::StrCat("unknown provider '", spec.provider, "'"));
  }
  return oci::Client::Create(std::move(options), with.clock);
}

}  // namespace sluice::image_controller
