// SPDX-License-Identifier: Apache-2.0
#include "common/api/source/helm_repository.h"

#include "common/api/meta/decode.h"
#include "common/base/status_macros.h"

namespace sluice::api {

absl::StatusOr<HelmRepositorySpec> DecodeHelmRepositorySpec(const Value& spec) {
  HelmRepositorySpec result;
  result.url = Text(spec["url"]);
  result.type = Text(spec["type"]);
  result.secret_name = Text(spec["secretRef"]["name"]);
  result.cert_secret_name = Text(spec["certSecretRef"]["name"]);
  result.provider = Text(spec["provider"]);
  result.pass_credentials = spec["passCredentials"].bool_or(false);
  result.insecure = spec["insecure"].bool_or(false);
  ASSIGN_OR_RETURN(result.timeout,
                   DurationField(spec["timeout"], "spec.timeout", absl::Seconds(60)));
  result.suspend = spec["suspend"].bool_or(false);
  return result;
}

}  // namespace sluice::api
