// The version of a Kubernetes API server as Helm takes it from `--kube-version` or from the server.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::semver {

struct KubeVersion {
  std::string version;  // "v1.34.0": the numbers only, as many as were written
  std::string major;    // "1"
  std::string minor;    // "34"
};

// At least two numbers between dots, with an optional "v" before them and anything after. The rules
// and words are those of ParseGeneric (k8s.io/apimachinery 0.34), which Helm uses.
// kInvalidArgument otherwise, also for more than kMaxVersionBytes (version.h).
absl::StatusOr<KubeVersion> ParseKubeVersion(absl::string_view text);

}  // namespace sluice::semver
