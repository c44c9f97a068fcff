// SPDX-License-Identifier: Apache-2.0
#include "common/git/checkout.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/git/commit_fetch.h"
#include "common/git/mirror.h"
#include "common/git/revision.h"
#include "common/git/tree.h"
#include "common/semver/constraint.h"
#include "common/semver/version.h"

namespace sluice::git {
namespace {

constexpr absl::string_view kHeads = "refs/heads/";
constexpr absl::string_view kTags = "refs/tags/";
constexpr absl::string_view kPeeledSuffix = "^{}";
// Versions that differ in build metadata only, among which the youngest commit wins.
constexpr size_t kMaxTies = 64;

// One checkout. Its steps are in the order in which they are called.
class Attempt {
 public:
  Attempt(const Context& ctx, Clock& clock, const std::string& mirror_root,
          const CheckoutRequest& request)
      : ctx_(ctx),
        mirrors_(clock, mirror_root, request.scope),
        request_(request),
        last_revision_(NormalizeRevision(request.last_revision)) {}

  absl::StatusOr<CheckedOut> Run() {
    absl::StatusOr<std::unique_ptr<Remote>> remote =
        Remote::Open(request_.url, request_.auth, request_.remote);
    if (!remote.ok()) return CloneError(remote.status());
    remote_ = *std::move(remote);
    const Reference& reference = request_.reference;
    if (!reference.commit.empty()) return ByCommit();
    if (!reference.name.empty()) return ByName();
    if (!reference.tag.empty()) return ByTag();
    if (!reference.semver.empty()) return BySemver();
    return ByBranch();
  }

 private:
  absl::StatusOr<CheckedOut> ByBranch() {
    const std::string& branch = request_.reference.branch;
    const std::string name = absl::StrCat(kHeads, branch.empty() ? "master" : branch);
    absl::StatusOr<std::optional<RemoteRef>> ref = Look(name);
    if (!ref.ok()) return ListError(ref.status());
    if (!ref->has_value()) {
      ASSIGN_OR_RETURN(const bool empty, RemoteIsEmpty());
      if (empty) return CheckedOut{.outcome = CheckedOut::Outcome::kEmpty};
      return RefNotFound(name);
    }
    return Finish(**ref, name, ShortRevision(name, (*ref)->id.Hex()), /*may_be_unchanged=*/true);
  }

  absl::StatusOr<CheckedOut> ByTag() {
    const std::string name = absl::StrCat(kTags, request_.reference.tag);
    absl::StatusOr<std::optional<RemoteRef>> ref = Look(name);
    if (!ref.ok()) return ListError(ref.status());
    if (!ref->has_value()) {
      RETURN_IF_ERROR(RefuseEmpty());
      return RefNotFound(name);
    }
    return Finish(**ref, name, ShortRevision(name, (*ref)->Commit().Hex()), true);
  }

  absl::StatusOr<CheckedOut> ByName() {
    const std::string& name = request_.reference.name;
    if (absl::StartsWith(name, "/") || absl::EndsWith(name, "/")) {
      return absl::InvalidArgumentError(
          absl::StrCat("ref ", name, " is invalid; Git refs cannot begin or end with a slash '/'"));
    }
    // "refs/tags/v1^{}" is the commit that an annotated tag leads to.
    absl::string_view base = name;
    const bool wants_peeled = absl::ConsumeSuffix(&base, kPeeledSuffix);
    absl::StatusOr<std::optional<RemoteRef>> ref = Look(std::string(base));
    if (!ref.ok()) {
      return Annotate(ref.status(), absl::StrCat("unable to list remote for '", Url(), "'"));
    }
    if (!ref->has_value() || (wants_peeled && !(*ref)->peeled.has_value())) {
      return absl::NotFoundError(
          absl::StrCat("unable to resolve ref '", name, "' to a specific commit"));
    }
    return Finish(**ref, name, FullRevision(name, (*ref)->Commit().Hex()), true);
  }

  absl::StatusOr<CheckedOut> ByCommit() {
    const Reference& reference = request_.reference;
    const std::string branch =
        reference.branch.empty() ? "" : absl::StrCat(kHeads, reference.branch);
    // A listing even where the commit is here already: it is what checks the credentials.
    absl::StatusOr<std::optional<RemoteRef>> ref = Look(branch.empty() ? "HEAD" : branch);
    if (!ref.ok()) return CloneError(ref.status());
    if (!ref->has_value()) {
      RETURN_IF_ERROR(RefuseEmpty());
      if (!branch.empty()) return RefNotFound(branch);
    }
    const absl::StatusOr<ObjectId> id = ObjectId::Parse(reference.commit);
    if (!id.ok()) return CommitNotFound();
    RETURN_IF_ERROR(OpenMirror());
    if (!mirror_->Has(*id)) {
      const absl::Status fetched = FetchCommit(ctx_, *remote_, *mirror_, *id, branch);
      if (absl::IsNotFound(fetched)) return CommitNotFound();
      if (!fetched.ok()) return CloneError(fetched);
    }
    const std::string label = reference.name.empty() ? branch : reference.name;
    const std::string revision =
        reference.name.empty() ? ShortRevision(branch, id->Hex()) : FullRevision(label, id->Hex());
    return Result(*id, std::nullopt, label, revision);
  }

  absl::StatusOr<CheckedOut> BySemver() {
    const std::string& range = request_.reference.semver;
    const absl::StatusOr<semver::Constraint> constraint = semver::Constraint::Parse(range);
    if (!constraint.ok()) return Annotate(constraint.status(), "semver parse error");
    absl::StatusOr<std::vector<RemoteRef>> refs = remote_->ListRefs(ctx_, {std::string(kTags)});
    if (!refs.ok()) return CloneError(refs.status());

    std::vector<RemoteRef> newest;  // of equal precedence
    semver::Version best;
    for (const RemoteRef& ref : *refs) {
      absl::string_view tag = ref.name;
      if (!absl::ConsumePrefix(&tag, kTags)) continue;
      const absl::StatusOr<semver::Version> version = semver::Version::ParseTag(tag);
      if (!version.ok() || !constraint->Matches(*version)) continue;
      if (newest.empty() || *version > best) {
        best = *version;
        newest.clear();
      } else if (*version < best) {
        continue;
      }
      newest.push_back(ref);
    }
    if (newest.empty()) {
      if (refs->empty()) RETURN_IF_ERROR(RefuseEmpty());
      return absl::NotFoundError(absl::StrCat("no match found for semver: ", range));
    }
    ASSIGN_OR_RETURN(const RemoteRef chosen, Youngest(std::move(newest)));
    return Finish(chosen, chosen.name, ShortRevision(chosen.name, chosen.Commit().Hex()),
                  /*may_be_unchanged=*/false);
  }

  // The one whose commit has the latest committer time.
  absl::StatusOr<RemoteRef> Youngest(std::vector<RemoteRef> refs) {
    if (refs.size() == 1) return refs.front();
    if (refs.size() > kMaxTies) {
      return absl::ResourceExhaustedError(absl::StrCat("more than ", kMaxTies, " tags differ from ",
                                                       refs.front().name,
                                                       " in build metadata only"));
    }
    RETURN_IF_ERROR(OpenMirror());
    std::vector<ObjectId> missing;
    for (const RemoteRef& ref : refs) {
      if (!mirror_->Has(ref.Commit())) missing.push_back(ref.Commit());
    }
    if (!missing.empty()) {
      const absl::Status fetched = mirror_->Fetch(ctx_, *remote_, std::move(missing), 1);
      if (!fetched.ok()) return CloneError(fetched);
    }
    const RemoteRef* youngest = nullptr;
    absl::Time latest = absl::InfinitePast();
    for (const RemoteRef& ref : refs) {
      ASSIGN_OR_RETURN(const Commit commit, ReadCommit(*mirror_->objects(), ref.Commit()));
      if (youngest != nullptr && commit.committer.when <= latest) continue;
      youngest = &ref;
      latest = commit.committer.when;
    }
    return *youngest;
  }

  // Fetches what `ref` names, unless `revision` is what the caller has.
  absl::StatusOr<CheckedOut> Finish(const RemoteRef& ref, const std::string& label,
                                    const std::string& revision, bool may_be_unchanged) {
    if (may_be_unchanged && revision == last_revision_) {
      CheckedOut result{
          .outcome = CheckedOut::Outcome::kUnchanged, .revision = revision, .reference = label};
      result.commit.id = ref.Commit();
      return result;
    }
    RETURN_IF_ERROR(OpenMirror());
    const bool has_tag_object = !ref.peeled.has_value() || mirror_->objects()->Exists(ref.id);
    if (!mirror_->Has(ref.Commit()) || !has_tag_object) {
      const absl::Status fetched = mirror_->Fetch(ctx_, *remote_, {ref.id}, 1);
      if (!fetched.ok()) return CloneError(fetched);
    }
    return Result(ref.Commit(), ref.peeled.has_value() ? std::optional(ref.id) : std::nullopt,
                  label, revision);
  }

  absl::StatusOr<CheckedOut> Result(const ObjectId& id, std::optional<ObjectId> tag,
                                    const std::string& label, const std::string& revision) {
    CheckedOut result{.revision = revision, .reference = label};
    const std::shared_ptr<ObjectStore> objects = mirror_->objects();
    result.objects = objects;
    ASSIGN_OR_RETURN(result.commit, ReadCommit(*objects, id));
    if (tag.has_value()) {
      ASSIGN_OR_RETURN(result.tag, ReadTag(*objects, *tag));
    }
    auto tree = std::make_shared<const CommitTree>(objects, result.commit.tree);
    if (!request_.recurse_submodules) {
      result.tree = std::move(tree);
      return result;
    }
    absl::StatusOr<std::shared_ptr<const fs::Tree>> whole =
        MountSubmodules(ctx_, mirrors_, SubmoduleAccess{request_.auth, request_.remote},
                        request_.url, std::move(tree));
    if (!whole.ok()) return CloneError(whole.status());
    result.tree = *std::move(whole);
    return result;
  }

  absl::Status OpenMirror() {
    if (mirror_ != nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(mirror_, mirrors_.Open(ctx_, request_.url));
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<RemoteRef>> Look(const std::string& name) {
    ASSIGN_OR_RETURN(const std::vector<RemoteRef> refs, remote_->ListRefs(ctx_, {name}));
    for (const RemoteRef& ref : refs) {
      if (ref.name == name) return std::optional<RemoteRef>(ref);
    }
    nothing_listed_ = refs.empty();
    return std::optional<RemoteRef>();
  }

  // After a reference was not found. A server of version 2 was asked for that reference only.
  absl::StatusOr<bool> RemoteIsEmpty() {
    if (!nothing_listed_) return false;
    if (remote_->server().version != 2) return true;
    absl::StatusOr<std::vector<RemoteRef>> refs = remote_->ListRefs(ctx_, {});
    if (!refs.ok()) return CloneError(refs.status());
    return refs->empty();
  }

  absl::Status RefuseEmpty() {
    ASSIGN_OR_RETURN(const bool empty, RemoteIsEmpty());
    if (!empty) return absl::OkStatus();
    return absl::NotFoundError(
        absl::StrCat("unable to clone: remote repository is empty: git repository: '", Url(), "'"));
  }

  std::string Url() const { return RedactUrl(request_.url); }

  absl::Status CloneError(const absl::Status& status) const {
    if (absl::IsNotFound(status) && status.message() == "repository not found") {
      return WithMessage(status, absl::StrCat("unable to clone: repository not found: git "
                                              "repository: '",
                                              Url(), "'"));
    }
    return Annotate(status, absl::StrCat("unable to clone '", Url(), "'"));
  }

  // A listing for the sake of the shortcut fails under another name than the clone.
  absl::Status ListError(const absl::Status& status) const {
    if (last_revision_.empty()) return CloneError(status);
    return Annotate(status, absl::StrCat("unable to list remote for '", Url(), "'"));
  }

  absl::Status RefNotFound(absl::string_view name) const {
    return CloneError(absl::NotFoundError(absl::StrCat("couldn't find remote ref \"", name, "\"")));
  }

  absl::Status CommitNotFound() const {
    return absl::NotFoundError(absl::StrCat("unable to resolve commit object for '",
                                            request_.reference.commit, "': object not found"));
  }

  const Context& ctx_;
  MirrorSet mirrors_;
  const CheckoutRequest& request_;
  const std::string last_revision_;
  std::unique_ptr<Remote> remote_;
  Mirror* mirror_ = nullptr;  // of the repository itself, once it is needed
  bool nothing_listed_ = true;
};

}  // namespace

Checkouts::Checkouts(std::string mirror_root, Clock& clock)
    : mirror_root_(std::move(mirror_root)), clock_(clock) {}

absl::StatusOr<std::shared_ptr<http::Transport>> Checkouts::SharedTransport() const {
  absl::MutexLock lock(&mutex_);
  if (transport_ == nullptr) {
    ASSIGN_OR_RETURN(transport_, CreateGitHttpClient(Auth(), RemoteOptions()));
  }
  return transport_;
}

absl::StatusOr<CheckedOut> Checkouts::Fetch(const Context& ctx,
                                            const CheckoutRequest& request) const {
  const RemoteOptions defaults;
  const bool shares =
      request.remote.http_transport == nullptr && request.remote.proxy_url.empty() &&
      request.auth.ca_pem.empty() && request.auth.client_certificate_pem.empty() &&
      request.auth.client_key_pem.empty() &&
      request.remote.connect_timeout == defaults.connect_timeout &&
      request.remote.idle_timeout == defaults.idle_timeout && absl::StartsWith(request.url, "http");
  if (!shares) return Attempt(ctx, clock_, mirror_root_, request).Run();
  CheckoutRequest shared = request;
  ASSIGN_OR_RETURN(shared.remote.http_transport, SharedTransport());
  return Attempt(ctx, clock_, mirror_root_, shared).Run();
}

}  // namespace sluice::git
