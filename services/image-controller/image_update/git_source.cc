// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_update/git_source.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/reason.h"
#include "common/api/source/git_repository.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"

namespace sluice::image_controller {
namespace {

constexpr char kInvalidSource[] = "InvalidSourceConfiguration";
constexpr char kDefaultBranch[] = "master";

absl::Status Stalled(absl::string_view reason, absl::string_view message) {
  return api::Stalling(api::WithReason(absl::FailedPreconditionError(message), reason));
}

absl::Status CheckSource(const api::ImageUpdateAutomationSpec& spec, const std::string& ns,
                         bool no_cross_namespace) {
  const std::string kind = absl::StrCat("source kind '", spec.source_kind, "' ");
  constexpr char kSuffix[] = ": invalid source configuration";
  if (spec.source_kind != "GitRepository") {
    return Stalled(kInvalidSource, absl::StrCat(kind, "not supported", kSuffix));
  }
  if (!spec.has_git && !spec.is_bare) {
    return Stalled(kInvalidSource, absl::StrCat(kind, "necessitates field .spec.git", kSuffix));
  }
  if (no_cross_namespace && spec.source.ns != ns) {
    return Stalled("AccessDenied",
                   absl::StrCat("can't access 'GitRepository/", spec.source.ToString(),
                                "', cross-namespace references have been blocked"));
  }
  return absl::OkStatus();
}

bool IsGit(absl::string_view url, bool allow_local) {
  for (const char* scheme : {"http://", "https://", "ssh://"}) {
    if (absl::StartsWith(url, scheme)) return true;
  }
  return allow_local && absl::StartsWith(url, "file://");
}

// Which branches are read and written.
absl::Status ChooseBranches(const api::ImageUpdateAutomationSpec& spec,
                            const api::GitReference& followed, GitSource& source) {
  const api::GitReference& reference = spec.checkout_ref.value_or(followed);
  const bool has_reference = reference != api::GitReference();
  source.reference = {reference.branch, reference.tag, reference.semver, reference.name,
                      reference.commit};
  source.push_branch = spec.push_branch;
  if (!spec.push_branch.empty()) {
    source.switches =
        spec.push_branch != (has_reference ? reference.branch : std::string(kDefaultBranch));
  } else {
    source.push_branch = reference.branch;
    if (!has_reference && spec.is_bare) source.push_branch = kDefaultBranch;
  }
  if (source.push_branch.empty()) {
    return absl::FailedPreconditionError(
        "push spec not provided, and cannot be inferred from .spec.git.checkout.ref or "
        "GitRepository .spec.ref");
  }
  const std::string& on =
      followed == api::GitReference() ? std::string(kDefaultBranch) : followed.branch;
  source.is_followed = source.push_branch == on && followed.commit.empty();
  return absl::OkStatus();
}

// What a failure to authenticate means for the automation.
absl::Status AuthenticationError(const absl::Status& error) {
  const std::string reason = api::ReasonOf(error, "");
  if (reason == "InvalidProviderConfiguration") return Stalled(kInvalidSource, error.message());
  if (api::IsStalling(error)) return error;
  return absl::Status(error.code(), error.message());
}

}  // namespace

absl::StatusOr<GitSource> FindGitSource(const Context& ctx, const Collaborators& with,
                                        const kube::ObjectKey& automation,
                                        const api::ImageUpdateAutomationSpec& spec) {
  const Options& options = with.options;
  RETURN_IF_ERROR(CheckSource(spec, automation.ns, options.process.no_cross_namespace_refs));
  const auto object = with.client.Get(ctx, api::KindOrDie("GitRepository"), spec.source);
  if (!object.ok()) {
    return Annotate(object.status(),
                    absl::StrCat("failed to get git repository '", spec.source.ToString(), "'"));
  }
  ASSIGN_OR_RETURN(const api::GitRepositorySpec repository,
                   api::DecodeGitRepositorySpec((*object)["spec"]));
  GitSource source;
  source.url = repository.url;
  source.timeout = repository.timeout;
  if (!IsGit(source.url, options.allow_local_git)) {
    return absl::InvalidArgumentError(absl::StrCat("failed to parse url '",
                                                   git::RedactUrl(source.url),
                                                   "': scheme must be http, https or ssh"));
  }
  RETURN_IF_ERROR(ChooseBranches(spec, repository.reference, source));
  const credentials::GitAuthenticator authenticator(with.cloud, with.tokens, options.identity());
  auto access = authenticator.Authenticate(ctx, {"ImageUpdateAutomation", automation},
                                           spec.source.ns, repository);
  if (!access.ok()) return AuthenticationError(access.status());
  source.auth = std::move(access->auth);
  source.remote.proxy_url = std::move(access->proxy_url);
  source.remote.allow_local = options.allow_local_git;
  source.remote.ssh_key_exchanges = options.ssh_key_exchanges;
  source.remote.ssh_host_key_algorithms = options.ssh_host_key_algorithms;
  if (spec.sign) {
    ASSIGN_OR_RETURN(source.sign, ReadSigningKey(ctx, with, automation.ns, spec));
  }
  return source;
}

}  // namespace sluice::image_controller
