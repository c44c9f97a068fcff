// ImageRepository (image.toolkit.fluxcd.io/v1): spec/image.md §2.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/api/meta/condition.h"
#include "common/value/value.h"

namespace sluice::api {

// Which other namespaces may refer to an object.
struct AccessFrom {
  // Labels that a namespace has, all of one entry; empty entries fit every namespace.
  std::vector<std::map<std::string, std::string>> namespace_selectors;
};

struct ImageRepositorySpec {
  std::string image;
  absl::Duration interval;
  std::optional<absl::Duration> timeout;
  std::string secret_name;        // secretRef.name
  std::string proxy_secret_name;  // proxySecretRef.name
  std::string cert_secret_name;   // certSecretRef.name
  std::string service_account_name;
  bool suspend = false;
  std::optional<AccessFrom> access_from;
  std::vector<std::string> exclusion_list;
  std::string provider = "generic";
  bool insecure = false;

  // For authentication and the scan together: the interval where no timeout is given, never less
  // than a second.
  absl::Duration EffectiveTimeout() const;
};

struct ScanResult {
  std::string revision;  // of the tag set
  int64_t tag_count = 0;
  absl::Time scan_time;
  std::vector<std::string> latest_tags;
};

struct ImageRepositoryStatus {
  int64_t observed_generation = -1;
  Conditions conditions;
  std::string canonical_image_name;
  std::optional<ScanResult> last_scan_result;
  std::vector<std::string> observed_exclusion_list;
  std::string last_handled_reconcile_at;

  static ImageRepositoryStatus Decode(const Value& status);
  Value Encode() const;
};

// kInvalidArgument names the field at fault.
absl::StatusOr<ImageRepositorySpec> DecodeImageRepositorySpec(const Value& spec);

}  // namespace sluice::api
