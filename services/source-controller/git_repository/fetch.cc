// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/git_repository/fetch.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/git/mirror.h"
#include "common/git/sparse_tree.h"
#include "common/log/log.h"

namespace sluice::source_controller {
namespace {

// A mirror that no object has used for so long belongs to one that is gone or was changed.
constexpr absl::Duration kMirrorLifetime = absl::Hours(24);
constexpr absl::Duration kPruneInterval = absl::Hours(1);

absl::Status CheckUrl(const std::string& url, bool allow_local) {
  for (const char* scheme : {"http://", "https://", "ssh://"}) {
    if (absl::StartsWith(url, scheme)) return absl::OkStatus();
  }
  if (absl::StartsWith(url, "file://")) {
    if (allow_local) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        "failed to parse url '", git::RedactUrl(url),
        "': local repositories are not allowed; start source-controller with --allow-local-git"));
  }
  return absl::InvalidArgumentError(absl::StrCat("failed to parse url '", git::RedactUrl(url),
                                                 "': scheme must be http, https or ssh"));
}

// Every entry must name something, or a typing error would publish an empty artifact (§3.1.11).
absl::Status CheckSparseFolders(const fs::Tree& tree, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    const auto path = fs::SecureJoin("", folder);
    const absl::Status there = path.ok() ? tree.Stat(*path).status() : path.status();
    if (!there.ok()) {
      // The space before the colon is Flux's; tools match on it.
      return api::WithReason(
          Annotate(there,
                   absl::StrCat("failed to sparse checkout directories : sparse checkout dir '",
                                folder, "' does not exist in repository")),
          "GitOperationFailed");
    }
  }
  return absl::OkStatus();
}

}  // namespace

GitFetcher::GitFetcher(const cloud_identity::Services& services, cloud_identity::TokenCache& tokens,
                       const Options& options)
    : options_(options),
      clock_(services.clock),
      authenticator_(services, tokens, options.identity()),
      // Beside the artifacts, but hidden from them: a kind is lower-case letters.
      mirror_root_(absl::StrCat(options.storage_path, "/.git-mirrors")),
      checkouts_(mirror_root_, services.clock) {}

absl::StatusOr<GitCheckout> GitFetcher::Fetch(const Context& ctx, const kube::ObjectKey& object,
                                              const api::GitRepositorySpec& spec,
                                              const std::string& last_revision) {
  if (absl::Status valid = CheckUrl(spec.url, options_.allow_local_git); !valid.ok()) {
    return api::Stalling(api::WithReason(std::move(valid), "URLInvalid"));
  }
  git::CheckoutRequest request;
  request.url = spec.url;
  request.reference = {spec.reference.branch, spec.reference.tag, spec.reference.semver,
                       spec.reference.name, spec.reference.commit};
  request.last_revision = last_revision;
  request.recurse_submodules = spec.recurse_submodules;
  request.scope = object.ns;
  request.remote.allow_local = options_.allow_local_git;
  request.remote.ssh_key_exchanges = options_.ssh_key_exchanges;
  request.remote.ssh_host_key_algorithms = options_.ssh_host_key_algorithms;
  ASSIGN_OR_RETURN(credentials::GitAccess access,
                   authenticator_.Authenticate(ctx, {"GitRepository", object}, object.ns, spec));
  request.auth = std::move(access.auth);
  request.remote.proxy_url = std::move(access.proxy_url);

  PruneMirrors(ctx);
  auto checked_out = checkouts_.Fetch(ctx, request);
  if (!checked_out.ok()) {
    return api::WithReason(
        Annotate(checked_out.status(), "failed to checkout and determine revision"),
        "GitOperationFailed");
  }
  if (checked_out->outcome == git::CheckedOut::Outcome::kEmpty) {
    return api::WithReason(absl::FailedPreconditionError("git repository is empty"),
                           "EmptyGitRepository");
  }
  GitCheckout result;
  result.revision = checked_out->revision;
  result.commit = checked_out->commit.id.Hex();
  if (checked_out->outcome == git::CheckedOut::Outcome::kUnchanged) return result;
  result.subject = checked_out->commit.Subject();
  result.reference = std::move(checked_out->reference);
  result.head = std::move(checked_out->commit);
  result.tag = std::move(checked_out->tag);
  result.tree = std::move(checked_out->tree);
  if (!spec.sparse_checkout.empty()) {
    RETURN_IF_ERROR(CheckSparseFolders(*result.tree, spec.sparse_checkout));
    result.tree = std::make_shared<git::SparseTree>(result.tree, spec.sparse_checkout);
  }
  return result;
}

void GitFetcher::PruneMirrors(const Context& ctx) {
  const absl::Time now = clock_.Now();
  {
    absl::MutexLock lock(&mutex_);
    if (now - last_prune_ < kPruneInterval) return;
    last_prune_ = now;
  }
  const auto pruned = git::PruneMirrors(ctx, mirror_root_, now - kMirrorLifetime);
  if (!pruned.ok()) log::Debug(ctx, "mirrors not pruned", {{"error", pruned.status().message()}});
}

}  // namespace sluice::source_controller
