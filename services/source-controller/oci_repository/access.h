// From an OCIRepository's spec to the registry that it names (spec/source.md §5.2, §6.3, §6.4).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/api/source/oci_repository.h"
#include "common/base/context.h"
#include "common/oci/client.h"
#include "common/oci/reference.h"
#include "services/source-controller/source/cloud_access.h"

namespace sluice::source_controller {

struct OciAccess {
  // Told of a Secret that is not there.
  using MissingSecret = absl::FunctionRef<void(const std::string& name)>;

  // Reads the Secrets of `spec` in `ns`, those of its service account among them, and logs in to
  // the cloud's registry if there are none. Errors carry the reason of FetchFailed, and say whether
  // they stall (api/meta/reason.h).
  static absl::StatusOr<OciAccess> Create(const Context& ctx, const CloudAccess& cloud,
                                          const std::string& ns, const api::OciRepositorySpec& spec,
                                          MissingSecret missing);

  oci::Repository repository;
  std::unique_ptr<oci::Client> client;
};

}  // namespace sluice::source_controller
