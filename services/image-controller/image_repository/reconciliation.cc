// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_repository/reconciliation.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/meta/names.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "services/image-controller/image_repository/image_name.h"
#include "services/image-controller/image_repository/registry_access.h"
#include "services/image-controller/image_repository/tag_list.h"

namespace sluice::image_controller {
namespace {

constexpr char kFailure[] = "Failure";

}  // namespace

ImageRepositoryReconciliation::ImageRepositoryReconciliation(const Collaborators& with,
                                                             Value object)
    : Reconciliation(with, "ImageRepository", std::move(object)),
      status_(api::ImageRepositoryStatus::Decode(this->object()["status"])) {}

absl::Status ImageRepositoryReconciliation::ReadSpec(const Value& spec) {
  ASSIGN_OR_RETURN(spec_, api::DecodeImageRepositorySpec(spec));
  return absl::OkStatus();
}

Outcome ImageRepositoryReconciliation::Attempt(const Context& whole) {
  if (const absl::Status gate = credentials::CheckIdentityGate(
          spec_.provider, spec_.service_account_name, with().options.identity());
      !gate.ok()) {
    return Outcome::Stalled(credentials::kFeatureGateDisabled, gate.message());
  }
  const bool asked = requested();
  const api::Condition* ready = status_.conditions.Find(api::kReady);
  const bool failed = ready != nullptr && ready->status == api::ConditionStatus::kFalse;
  if (const absl::Status shown = ShowProgress(whole); !shown.ok()) {
    return Outcome::Failed(kFailure, shown);
  }
  const auto repository = ParseImage(spec_.image);
  if (!repository.ok()) return Outcome::Stalled("ImageURLInvalid", repository.status().message());

  const Context ctx = whole.WithTimeout(spec_.EffectiveTimeout());
  const auto registry = OpenRegistry(ctx, with(), key().ns, spec_);
  if (!registry.ok()) {
    return Outcome::Failed(
        "AuthenticationFailed",
        Annotate(registry.status(), "failed to configure authentication options"));
  }
  const auto stored = with().tags.Read(key());
  if (!stored.ok()) {
    return Outcome::Failed(kFailure,
                           Annotate(stored.status(), "failed to determine if it's scan time"));
  }
  const bool nothing_stored = stored->tags.empty();
  const ScanDecision decision = DecideScan(
      spec_, status_,
      {asked, failed, repository->Name(), nothing_stored ? "" : stored->revision, started()});
  const std::string next = absl::StrCat("next scan in ", FormatGoDuration(decision.next));
  quiet_message_ = absl::StrCat("no change in repository configuration since last scan, ", next);
  if (!decision.reason.empty()) {
    Progress(decision.lost, absl::StrCat("scanning: ", decision.reason));
    if (const absl::Status patched = Patch(whole); !patched.ok()) {
      return Outcome::Failed(kFailure, patched);
    }
    const std::optional<api::ScanResult> before = status_.last_scan_result;
    if (const absl::Status scanned = Scan(ctx, **registry, *repository); !scanned.ok()) {
      return Outcome::Failed("ReadOperationFailed", Annotate(scanned, "scan failed"));
    }
    const bool same = before.has_value() && before->revision == status_.last_scan_result->revision;
    quiet_message_ = absl::StrCat(same ? "tags did not change, " : "successful scan, ", next);
  }
  status_.canonical_image_name = repository->Name();
  status_.observed_exclusion_list = spec_.exclusion_list;
  return Outcome::Success(
      absl::StrCat("successful scan: found ", status_.last_scan_result->tag_count,
                   " tags with checksum ", status_.last_scan_result->revision),
      decision.next);
}

absl::Status ImageRepositoryReconciliation::Scan(const Context& ctx, oci::Client& registry,
                                                 const oci::Repository& repository) {
  ASSIGN_OR_RETURN(std::vector<std::string> listed, registry.ListTags(ctx, repository));
  ASSIGN_OR_RETURN(const std::vector<std::string> tags,
                   Wanted(std::move(listed), spec_.exclusion_list));
  const auto revision = with().tags.Write(key(), tags);
  if (!revision.ok()) {
    return Annotate(revision.status(),
                    absl::StrCat("failed to set tags for \"", repository.Name(), "\""));
  }
  const size_t latest = std::min(tags.size(), kLatestTags);
  status_.last_scan_result =
      api::ScanResult{*revision,
                      static_cast<int64_t>(tags.size()),
                      with().clock.Now(),
                      {tags.begin(), tags.begin() + static_cast<std::ptrdiff_t>(latest)}};
  return absl::OkStatus();
}

}  // namespace sluice::image_controller
