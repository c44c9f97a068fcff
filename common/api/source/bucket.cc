// SPDX-License-Identifier: Apache-2.0
#include "common/api/source/bucket.h"

#include "common/api/meta/decode.h"
#include "common/base/status_macros.h"

namespace sluice::api {

absl::StatusOr<BucketSpec> DecodeBucketSpec(const Value& spec) {
  BucketSpec result;
  result.provider = Text(spec["provider"]);
  result.bucket_name = Text(spec["bucketName"]);
  result.endpoint = Text(spec["endpoint"]);
  if (const Value& sts = spec["sts"]; sts.is_object()) {
    result.sts = BucketSts{Text(sts["provider"]), Text(sts["endpoint"]),
                           Text(sts["secretRef"]["name"]), Text(sts["certSecretRef"]["name"])};
  }
  result.insecure = spec["insecure"].bool_or(false);
  result.region = Text(spec["region"]);
  result.prefix = Text(spec["prefix"]);
  result.secret_name = Text(spec["secretRef"]["name"]);
  result.cert_secret_name = Text(spec["certSecretRef"]["name"]);
  result.proxy_secret_name = Text(spec["proxySecretRef"]["name"]);
  result.service_account_name = Text(spec["serviceAccountName"]);
  ASSIGN_OR_RETURN(result.timeout,
                   DurationField(spec["timeout"], "spec.timeout", absl::Seconds(60)));
  result.ignore = OptionalText(spec["ignore"]);
  result.suspend = spec["suspend"].bool_or(false);
  return result;
}

}  // namespace sluice::api
