// GitRepository (source.toolkit.fluxcd.io/v1): spec/source.md §1.4.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/api/meta/artifact.h"
#include "common/value/value.h"

namespace sluice::api {

struct GitReference {
  std::string branch;
  std::string tag;
  std::string semver;
  std::string name;
  std::string commit;

  friend bool operator==(const GitReference&, const GitReference&) = default;
};

struct GitInclude {
  std::string repository;
  std::string from_path;
  std::string to_path;  // as written; EffectiveToPath() has the default

  const std::string& EffectiveToPath() const { return to_path.empty() ? repository : to_path; }
  friend bool operator==(const GitInclude&, const GitInclude&) = default;
};

struct GitRepositorySpec {
  std::string url;
  std::string secret_name;  // secretRef.name
  std::string proxy_secret_name;
  std::string provider;  // "" is generic
  std::string service_account_name;
  absl::Duration interval;
  absl::Duration timeout = absl::Seconds(60);
  GitReference reference;
  std::optional<std::string> ignore;  // absent and empty differ
  bool suspend = false;
  bool recurse_submodules = false;
  std::vector<GitInclude> include;
  std::vector<std::string> sparse_checkout;
  bool verify = false;
  std::string verify_mode;
  std::string verify_secret_name;
};

// What the stored artifact was made under: the fields of the status that only a GitRepository has.
struct GitRepositoryObserved {
  std::vector<Artifact> included_artifacts;
  std::optional<std::string> ignore;
  bool recurse_submodules = false;
  std::vector<GitInclude> include;
  std::vector<std::string> sparse_checkout;
  std::string verification_mode;

  static GitRepositoryObserved Decode(const Value& status);
  void EncodeInto(Value& status) const;
};

// `spec.branch` is read as spec.ref.branch when there is no ref (architecture decision 12).
// kInvalidArgument names the field at fault.
absl::StatusOr<GitRepositorySpec> DecodeGitRepositorySpec(const Value& spec);

}  // namespace sluice::api
