// SPDX-License-Identifier: Apache-2.0
#include "common/api/image/image_repository.h"

#include <algorithm>

#include "common/api/meta/decode.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"

namespace sluice::api {
namespace {

// What the CRD sets where the field is absent; objects written through another server may lack it.
constexpr char kDefaultExclusion[] = "^.*\\.sig$";

Value EncodeList(const std::vector<std::string>& list) {
  Value result = Value::EmptyArray();
  for (const std::string& item : list) result.Append(item);
  return result;
}

}  // namespace

absl::Duration ImageRepositorySpec::EffectiveTimeout() const {
  return std::max(timeout.value_or(interval), absl::Seconds(1));
}

absl::StatusOr<ImageRepositorySpec> DecodeImageRepositorySpec(const Value& spec) {
  ImageRepositorySpec result;
  result.image = Text(spec["image"]);
  ASSIGN_OR_RETURN(result.interval,
                   DurationField(spec["interval"], "spec.interval", absl::Minutes(1)));
  if (!spec["timeout"].is_null()) {
    ASSIGN_OR_RETURN(result.timeout,
                     DurationField(spec["timeout"], "spec.timeout", absl::ZeroDuration()));
  }
  result.secret_name = Text(spec["secretRef"]["name"]);
  result.proxy_secret_name = Text(spec["proxySecretRef"]["name"]);
  result.cert_secret_name = Text(spec["certSecretRef"]["name"]);
  result.service_account_name = Text(spec["serviceAccountName"]);
  result.suspend = spec["suspend"].bool_or(false);
  if (spec["accessFrom"].is_object()) {
    AccessFrom access;
    for (const Value& selector : spec["accessFrom"]["namespaceSelectors"].items()) {
      access.namespace_selectors.push_back(TextMap(selector["matchLabels"]));
    }
    result.access_from = std::move(access);
  }
  result.exclusion_list = spec["exclusionList"].is_array()
                              ? TextList(spec["exclusionList"])
                              : std::vector<std::string>{kDefaultExclusion};
  if (std::string provider = Text(spec["provider"]); !provider.empty()) {
    result.provider = std::move(provider);
  }
  result.insecure = spec["insecure"].bool_or(false);
  return result;
}

ImageRepositoryStatus ImageRepositoryStatus::Decode(const Value& status) {
  ImageRepositoryStatus result;
  result.observed_generation = status["observedGeneration"].int_or(-1);
  result.conditions = Conditions::Decode(status["conditions"]);
  result.canonical_image_name = Text(status["canonicalImageName"]);
  if (const Value& scan = status["lastScanResult"]; scan.is_object()) {
    result.last_scan_result =
        ScanResult{Text(scan["revision"]), scan["tagCount"].int_or(0),
                   ParseRfc3339(scan["scanTime"].str()).value_or(absl::UnixEpoch()),
                   TextList(scan["latestTags"])};
  }
  result.observed_exclusion_list = TextList(status["observedExclusionList"]);
  result.last_handled_reconcile_at = Text(status["lastHandledReconcileAt"]);
  return result;
}

Value ImageRepositoryStatus::Encode() const {
  Value status = {{"observedGeneration", observed_generation}};
  if (!conditions.all().empty()) status.Set("conditions", conditions.Encode());
  if (!canonical_image_name.empty()) status.Set("canonicalImageName", canonical_image_name);
  if (last_scan_result.has_value()) {
    Value scan = {{"tagCount", last_scan_result->tag_count},
                  {"scanTime", FormatRfc3339(last_scan_result->scan_time)}};
    if (!last_scan_result->revision.empty()) scan.Set("revision", last_scan_result->revision);
    if (!last_scan_result->latest_tags.empty()) {
      scan.Set("latestTags", EncodeList(last_scan_result->latest_tags));
    }
    status.Set("lastScanResult", std::move(scan));
  }
  if (!observed_exclusion_list.empty()) {
    status.Set("observedExclusionList", EncodeList(observed_exclusion_list));
  }
  if (!last_handled_reconcile_at.empty()) {
    status.Set("lastHandledReconcileAt", last_handled_reconcile_at);
  }
  return status;
}

}  // namespace sluice::api
