// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/git_repository/fetch.h"

#include <map>

#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/git/mirror.h"
#include "common/git/sparse_tree.h"
#include "common/http/message.h"
#include "common/log/log.h"

namespace sluice::source_controller {
namespace {

using Data = std::map<std::string, std::string>;

// The reason travels with the error, since the same code can mean several things.
constexpr char kReasonPayload[] = "sluice.source/reason";

// A mirror that no object has used for so long belongs to one that is gone or was changed.
constexpr absl::Duration kMirrorLifetime = absl::Hours(24);
constexpr absl::Duration kPruneInterval = absl::Hours(1);

absl::Status WithReason(absl::Status status, absl::string_view reason) {
  status.SetPayload(kReasonPayload, absl::Cord(reason));
  return status;
}

absl::StatusOr<Data> ReadSecret(const Context& ctx, kube::Client& client, const std::string& ns,
                                const std::string& name) {
  const kube::Resource secrets = {"", "v1", "secrets", "Secret", true};
  const auto secret = client.Get(ctx, secrets, {ns, name});
  const std::string subject = absl::StrCat("secret '", ns, "/", name, "'");
  if (!secret.ok()) return Annotate(secret.status(), absl::StrCat("failed to get ", subject));
  Data data;
  for (const value::Member& member : (*secret)["data"].members()) {
    if (!absl::Base64Unescape(member.value.str(), &data[member.key])) {
      return absl::InvalidArgumentError(
          absl::StrCat("key '", member.key, "' of ", subject, " is not base64"));
    }
  }
  return data;
}

// "http://user:password@host:port" of a proxy secret's address, username and password.
absl::StatusOr<std::string> ProxyUrl(const Data& data) {
  const auto text = [&](const char* key) {
    const auto it = data.find(key);
    return it == data.end() ? std::string() : it->second;
  };
  const std::string address = text("address");
  if (address.empty()) {
    return absl::InvalidArgumentError("the proxy secret has no key 'address'");
  }
  ASSIGN_OR_RETURN(const http::Url url, http::Url::Parse(address));
  if (text("username").empty()) return address;
  return absl::StrCat(url.scheme, "://", http::EscapeQuery(text("username")), ":",
                      http::EscapeQuery(text("password")), "@", url.host,
                      url.port == 0 ? "" : absl::StrCat(":", url.port));
}

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

}  // namespace

GitFetcher::GitFetcher(kube::Client& client, const Options& options, Clock& clock)
    : client_(client),
      options_(options),
      clock_(clock),
      // Beside the artifacts, but hidden from them: a kind is lower-case letters.
      mirror_root_(absl::StrCat(options.storage_path, "/.git-mirrors")),
      checkouts_(mirror_root_, clock) {}

absl::StatusOr<GitCheckout> GitFetcher::Fetch(const Context& ctx, const std::string& ns,
                                              const api::GitRepositorySpec& spec,
                                              const std::string& last_revision) {
  if (absl::Status valid = CheckUrl(spec.url, options_.allow_local_git); !valid.ok()) {
    return WithReason(std::move(valid), "URLInvalid");
  }
  git::CheckoutRequest request;
  request.url = spec.url;
  request.reference = {spec.reference.branch, spec.reference.tag, spec.reference.semver,
                       spec.reference.name, spec.reference.commit};
  request.last_revision = last_revision;
  request.recurse_submodules = spec.recurse_submodules;
  request.scope = ns;
  request.remote.allow_local = options_.allow_local_git;
  const auto refuse_auth = [](const absl::Status& error, absl::string_view prefix) {
    return WithReason(Annotate(error, prefix), "AuthenticationFailed");
  };
  if (!spec.proxy_secret_name.empty()) {
    constexpr absl::string_view kPrefix = "failed to configure proxy options";
    const auto data = ReadSecret(ctx, client_, ns, spec.proxy_secret_name);
    if (!data.ok()) return refuse_auth(data.status(), kPrefix);
    auto proxy = ProxyUrl(*data);
    if (!proxy.ok()) return refuse_auth(proxy.status(), kPrefix);
    request.remote.proxy_url = std::move(proxy).value();
  }
  Data data;
  if (!spec.secret_name.empty()) {
    auto secret = ReadSecret(ctx, client_, ns, spec.secret_name);
    if (!secret.ok()) {
      // Flux doubles the prefix; tools match on it.
      return refuse_auth(secret.status(),
                         absl::StrCat("failed to get secret '", ns, "/", spec.secret_name, "'"));
    }
    data = std::move(secret).value();
    if (data.contains("githubAppID")) {
      return WithReason(absl::FailedPreconditionError(absl::StrCat(
                            "secretRef '", ns, "/", spec.secret_name,
                            "' has github app data but provider is not set to github")),
                        "InvalidProviderConfiguration");
    }
  }
  auto auth = git::AuthFromSecret(spec.url, data);
  if (!auth.ok()) {
    return refuse_auth(auth.status(), "failed to configure authentication options");
  }
  request.auth = std::move(auth).value();

  PruneMirrors(ctx);
  auto checked_out = checkouts_.Fetch(ctx, request);
  if (!checked_out.ok()) {
    return WithReason(Annotate(checked_out.status(), "failed to checkout and determine revision"),
                      "GitOperationFailed");
  }
  if (checked_out->outcome == git::CheckedOut::Outcome::kEmpty) {
    return WithReason(absl::FailedPreconditionError("git repository is empty"),
                      "EmptyGitRepository");
  }
  GitCheckout result;
  result.revision = checked_out->revision;
  result.commit = checked_out->commit.id.Hex();
  if (checked_out->outcome == git::CheckedOut::Outcome::kUnchanged) return result;
  result.subject = checked_out->commit.Subject();
  result.tree = std::move(checked_out->tree);
  if (!spec.sparse_checkout.empty()) {
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

std::string FetchFailureReason(const absl::Status& error) {
  const auto reason = error.GetPayload(kReasonPayload);
  return reason.has_value() ? std::string(*reason) : "GitOperationFailed";
}

}  // namespace sluice::source_controller
