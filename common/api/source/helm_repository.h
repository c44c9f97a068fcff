// HelmRepository (source.toolkit.fluxcd.io/v1): spec/source.md §1.5.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/value/value.h"

namespace sluice::api {

inline constexpr char kOciHelmRepository[] = "oci";

struct HelmRepositorySpec {
  std::string url;
  std::string type;              // "" is "default"
  std::string secret_name;       // secretRef.name
  std::string cert_secret_name;  // certSecretRef.name
  std::string provider;          // "" is generic
  bool pass_credentials = false;
  bool insecure = false;
  absl::Duration timeout = absl::Seconds(60);
  bool suspend = false;

  bool oci() const { return type == kOciHelmRepository; }
};

// kInvalidArgument names the field at fault.
absl::StatusOr<HelmRepositorySpec> DecodeHelmRepositorySpec(const Value& spec);

}  // namespace sluice::api
