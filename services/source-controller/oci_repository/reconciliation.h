// The reconciliation of an OCIRepository (spec/source.md §5.2): resolve, pull a layer, publish.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/api/source/oci_repository.h"
#include "common/disk/temp_dir.h"
#include "common/oci/client.h"
#include "services/source-controller/oci_repository/access.h"
#include "services/source-controller/source/reconciliation.h"

namespace sluice::source_controller {

class OciRepositoryReconciliation : public Reconciliation {
 public:
  // `cloud` too must outlive it.
  OciRepositoryReconciliation(const Collaborators& with, const CloudAccess& cloud, Value object);

 protected:
  absl::Status ReadSpec(const Value& spec) override;
  Outcome Publish(const Context& ctx) override;
  void EncodeObserved(Value& status) const override { observed_.EncodeInto(status); }
  std::string ArtifactEventMessage() const override;

 private:
  // Where the layer goes: as a file, and if it is to be extracted its content.
  struct Workspace {
    disk::TempDir layer;
    disk::TempDir content;
  };

  // The digest or tag that the spec names.
  absl::StatusOr<oci::Reference> Resolve(const Context& ctx, const OciAccess& access) const;
  // Fills in the digest of `reference` and `revision_`.
  absl::Status FindRevision(const Context& ctx, const OciAccess& access, oci::Reference& reference);
  // Whether the stored artifact is what would be made.
  bool IsStored() const;
  // Whether what is fetched was not verified yet, or not under this spec.
  bool NeedsVerification() const;
  // Success if Fetch() can go on.
  Outcome Verify(const Context& ctx, const OciAccess& access, const oci::Reference& reference);
  // Everything between the revision and the archive; `ctx` has the spec's timeout.
  Outcome Fetch(const Context& whole, const Context& ctx, const OciAccess& access,
                const oci::Reference& reference, const Workspace& workspace);
  Outcome Pull(const Context& ctx, const OciAccess& access, const oci::Reference& reference,
               const Workspace& workspace);
  absl::StatusOr<oci::Descriptor> ChooseLayer(const oci::Manifest& manifest) const;
  Outcome Store(const Context& ctx, const Workspace& workspace);
  absl::Status Archive(const Context& ctx, const Workspace& workspace, api::Artifact& artifact);
  bool copies() const { return spec_.layer_selector.has_value() && spec_.layer_selector->copies(); }

  const CloudAccess& cloud_;
  api::OciRepositorySpec spec_;
  api::OciRepositoryObserved observed_;
  std::string revision_;
  std::map<std::string, std::string> annotations_;  // of the manifest
};

}  // namespace sluice::source_controller
