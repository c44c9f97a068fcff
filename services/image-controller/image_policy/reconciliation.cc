// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_policy/reconciliation.h"

#include <cmath>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/meta/reason.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/image_policy/selection.h"
#include "services/image-controller/image_policy/latest_ref.h"
#include "services/image-controller/image_policy/repository_lookup.h"
#include "services/image-controller/image_repository/image_name.h"
#include "services/image-controller/image_repository/registry_access.h"

namespace sluice::image_controller {
namespace {

constexpr char kFailure[] = "Failure";
constexpr char kInvalidPolicy[] = "InvalidPolicy";
// Tries to find tags before anybody is told, and the waits between them (Flux's).
constexpr int kTries = 4;
constexpr double kGrowth = 1.5;

}  // namespace

ImagePolicyReconciliation::ImagePolicyReconciliation(const Collaborators& with,
                                                     EmptyReads& empty_reads, Value object)
    : Reconciliation(with, "ImagePolicy", std::move(object)),
      empty_reads_(empty_reads),
      status_(api::ImagePolicyStatus::Decode(this->object()["status"])) {}

absl::Status ImagePolicyReconciliation::ReadSpec(const Value& spec) {
  ASSIGN_OR_RETURN(spec_, api::DecodeImagePolicySpec(key().ns, spec));
  return absl::OkStatus();
}

absl::Status ImagePolicyReconciliation::CleanUp() {
  empty_reads_.Forget(key());
  return absl::OkStatus();
}

Outcome ImagePolicyReconciliation::Attempt(const Context& ctx) {
  const bool always = spec_.digest_reflection == api::DigestReflection::kAlways;
  if (always && !spec_.interval.has_value()) {
    return Outcome::Stalled(
        "IntervalNotConfigured",
        "spec.interval must be set when spec.digestReflectionPolicy is set to 'Always'");
  }
  if (const absl::Status shown = ShowProgress(ctx); !shown.ok()) {
    return Outcome::Failed(kFailure, shown);
  }
  const auto repository = FindImageRepository(ctx, with().client, key().ns, spec_.repository,
                                              with().options.process.no_cross_namespace_refs);
  if (!repository.ok()) {
    return Outcome::Failed(
        api::ReasonOf(repository.status(), kFailure),
        Annotate(repository.status(), "failed to get the referred ImageRepository"));
  }
  const auto repository_spec = api::DecodeImageRepositorySpec((*repository)["spec"]);
  if (!repository_spec.ok()) return Outcome::Failed(kFailure, repository_spec.status());
  if (const auto image = ParseImage(repository_spec->image); !image.ok()) {
    return Outcome::Stalled("ImageURLInvalid", image.status().message());
  }
  if (const absl::Status gate = credentials::CheckIdentityGate(
          repository_spec->provider, repository_spec->service_account_name,
          with().options.identity(), " in the ImageRepository");
      !gate.ok()) {
    return Outcome::Stalled(credentials::kFeatureGateDisabled, gate.message());
  }
  std::string tag;
  if (Outcome picked = PickTag(*repository, tag); picked.kind != Outcome::Kind::kSuccess) {
    return picked;
  }
  api::ImageRef latest = {repository_spec->image, tag, ""};
  if (NeedsDigest(spec_.digest_reflection, status_.latest_ref, latest)) {
    auto digest = FetchDigest(ctx, *repository_spec, latest);
    if (!digest.ok()) return Outcome::Failed("Failed", digest.status());
    latest.digest = *std::move(digest);
  } else {
    latest.digest = KnownDigest(spec_.digest_reflection, status_.latest_ref);
  }
  Advance(std::move(latest), status_);
  return Outcome::Success(ResolvedMessage(status_),
                          always ? *spec_.interval : absl::InfiniteDuration());
}

Outcome ImagePolicyReconciliation::PickTag(const Value& repository, std::string& tag) {
  image_policy::Rules rules = {.semver_range = spec_.semver_range,
                               .alphabetical_order = spec_.alphabetical_order,
                               .numerical_order = spec_.numerical_order,
                               .filter = std::nullopt};
  if (spec_.filter_tags.has_value()) {
    rules.filter =
        image_policy::TagFilterRules{spec_.filter_tags->pattern, spec_.filter_tags->extract};
  }
  const auto selection = image_policy::Selection::Create(rules);
  if (!selection.ok()) return Outcome::Stalled(kInvalidPolicy, selection.status().message());
  const auto stored = with().tags.Read(spec_.repository);
  if (!stored.ok()) {
    return Outcome::Failed(kFailure,
                           Annotate(stored.status(), "failed to read tags from database"));
  }
  // Tags of another scan than the last one that was told of are not chosen from: after a restart
  // on an older disk they would bring back an older image.
  const auto scanned = api::ImageRepositoryStatus::Decode(repository["status"]).last_scan_result;
  const bool current = scanned.has_value() && scanned->revision == stored->revision;
  if (stored->tags.empty() || !current) {
    const int tries = empty_reads_.Add(key());
    if (tries < kTries) return Outcome::Again(absl::Seconds(std::pow(kGrowth, tries - 1)));
    const absl::Duration wait = with().options.process.requeue_dependency;
    return Outcome::Waiting(
        "DependencyNotReady",
        absl::StrCat("retrying in ", FormatGoDuration(wait), " error: no tags in database"), wait);
  }
  empty_reads_.Forget(key());
  auto picked = selection->Pick(stored->tags);
  if (absl::IsInvalidArgument(picked.status())) {
    return Outcome::Stalled(kInvalidPolicy, picked.status().message());
  }
  if (!picked.ok()) return Outcome::Failed(kFailure, picked.status());
  tag = *std::move(picked);
  return Outcome::Success("", absl::InfiniteDuration());
}

absl::StatusOr<std::string> ImagePolicyReconciliation::FetchDigest(
    const Context& whole, const api::ImageRepositorySpec& repository, const api::ImageRef& image) {
  const std::string prefix = absl::StrCat("failed fetching digest of ", image.ToString());
  const Context ctx = whole.WithTimeout(repository.EffectiveTimeout());
  const auto registry = OpenRegistry(ctx, with(), spec_.repository.ns, repository);
  if (!registry.ok()) {
    return Annotate(registry.status(),
                    absl::StrCat(prefix, ": failed to configure authentication options"));
  }
  const auto reference = oci::ParseReference(image.ToString());
  if (!reference.ok()) return Annotate(reference.status(), prefix);
  const auto descriptor = (*registry)->Head(ctx, *reference);
  if (!descriptor.ok()) {
    return Annotate(descriptor.status(), absl::StrCat(prefix, ": failed fetching descriptor for \"",
                                                      reference->Name(), "\""));
  }
  return descriptor->digest.ToString();
}

}  // namespace sluice::image_controller
