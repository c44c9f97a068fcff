// SPDX-License-Identifier: Apache-2.0
#include "common/api/source/oci_repository.h"

#include "common/api/meta/decode.h"
#include "common/base/status_macros.h"

namespace sluice::api {
namespace {

std::optional<OciLayerSelector> DecodeLayerSelector(const Value& value) {
  if (!value.is_object()) return std::nullopt;
  return OciLayerSelector{Text(value["mediaType"]), Text(value["operation"])};
}

}  // namespace

std::optional<OciVerification> DecodeOciVerification(const Value& verify) {
  if (!verify.is_object()) return std::nullopt;
  OciVerification result;
  result.provider = Text(verify["provider"]);
  if (result.provider.empty()) result.provider = "cosign";
  result.secret_name = Text(verify["secretRef"]["name"]);
  result.trusted_root_secret_name = Text(verify["trustedRootSecretRef"]["name"]);
  for (const Value& identity : verify["matchOIDCIdentity"].items()) {
    result.identities.push_back({Text(identity["issuer"]), Text(identity["subject"])});
  }
  return result;
}

absl::StatusOr<OciRepositorySpec> DecodeOciRepositorySpec(const Value& spec) {
  OciRepositorySpec result;
  result.url = Text(spec["url"]);
  const Value& reference = spec["ref"];
  result.reference = {Text(reference["digest"]), Text(reference["semver"]),
                      Text(reference["semverFilter"]), Text(reference["tag"])};
  result.layer_selector = DecodeLayerSelector(spec["layerSelector"]);
  result.provider = Text(spec["provider"]);
  result.secret_name = Text(spec["secretRef"]["name"]);
  result.service_account_name = Text(spec["serviceAccountName"]);
  result.cert_secret_name = Text(spec["certSecretRef"]["name"]);
  result.proxy_secret_name = Text(spec["proxySecretRef"]["name"]);
  result.insecure = spec["insecure"].bool_or(false);
  result.verify = DecodeOciVerification(spec["verify"]);
  ASSIGN_OR_RETURN(result.timeout,
                   DurationField(spec["timeout"], "spec.timeout", absl::Seconds(60)));
  result.ignore = OptionalText(spec["ignore"]);
  return result;
}

OciRepositoryObserved OciRepositoryObserved::Decode(const Value& status) {
  return {OptionalText(status["observedIgnore"]),
          DecodeLayerSelector(status["observedLayerSelector"])};
}

void OciRepositoryObserved::EncodeInto(Value& status) const {
  if (ignore.has_value()) status.Set("observedIgnore", *ignore);
  if (!layer_selector.has_value()) return;
  Value& selector = status.Set("observedLayerSelector", Value::EmptyObject());
  if (!layer_selector->media_type.empty()) selector.Set("mediaType", layer_selector->media_type);
  if (!layer_selector->operation.empty()) selector.Set("operation", layer_selector->operation);
}

}  // namespace sluice::api
