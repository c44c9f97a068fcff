// OCIRepository (source.toolkit.fluxcd.io/v1): spec/source.md §1.8.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/value/value.h"

namespace sluice::api {

// The most specific one that is given counts: digest, semver, tag, else the tag "latest".
struct OciReference {
  std::string digest;
  std::string semver;
  std::string semver_filter;  // a regular expression; "" for every tag
  std::string tag;
};

struct OciLayerSelector {
  std::string media_type;  // "" is the first layer
  std::string operation;   // "copy"; "extract" and "" are the same

  bool copies() const { return operation == "copy"; }
  friend bool operator==(const OciLayerSelector&, const OciLayerSelector&) = default;
};

// Regular expressions, both of which must match.
struct OidcIdentity {
  std::string issuer;
  std::string subject;
};

// spec.verify of OCIRepository and HelmChart.
struct OciVerification {
  std::string provider;  // "cosign" or "notation"
  std::string secret_name;
  std::vector<OidcIdentity> identities;  // any of them; empty: anybody
  std::string trusted_root_secret_name;  // OCIRepository only
};

struct OciRepositorySpec {
  std::string url;
  OciReference reference;
  std::optional<OciLayerSelector> layer_selector;
  std::string provider;  // "" is generic
  std::string secret_name;
  std::string service_account_name;
  std::string cert_secret_name;
  std::string proxy_secret_name;
  bool insecure = false;
  std::optional<OciVerification> verify;
  absl::Duration timeout = absl::Seconds(60);
  std::optional<std::string> ignore;  // absent and empty differ
};

// What the stored artifact was made under.
struct OciRepositoryObserved {
  std::optional<std::string> ignore;
  std::optional<OciLayerSelector> layer_selector;

  static OciRepositoryObserved Decode(const Value& status);
  void EncodeInto(Value& status) const;
};

// nullopt if `verify` is no object.
std::optional<OciVerification> DecodeOciVerification(const Value& verify);

// kInvalidArgument names the field at fault.
absl::StatusOr<OciRepositorySpec> DecodeOciRepositorySpec(const Value& spec);

}  // namespace sluice::api
