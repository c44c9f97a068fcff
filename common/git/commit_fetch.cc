// SPDX-License-Identifier: Apache-2.0
#include "common/git/commit_fetch.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/git/mounted_tree.h"
#include "common/git/submodules.h"
#include "common/http/message.h"

namespace sluice::git {
namespace {

constexpr absl::string_view kHeads = "refs/heads/";
constexpr int kWholeHistory = 0;
constexpr int kMaxSubmoduleDepth = 10;
constexpr size_t kMaxGitmodules = size_t{1} << 20;

absl::Status ObjectNotFound() { return absl::NotFoundError("object not found"); }

// `auth` as far as it may be shown to `url`, which the repository at `parent` named.
Auth AuthFor(const Auth& auth, absl::string_view parent, absl::string_view url) {
  const absl::StatusOr<http::Url> from = http::Url::Parse(parent);
  const absl::StatusOr<http::Url> to = http::Url::Parse(url);
  if (from.ok() && to.ok()) {
    const auto is_http = [](const http::Url& u) {
      return u.scheme == "http" || u.scheme == "https";
    };
    // SSH shows no secret to the server, and only talks to hosts that are known.
    if (from->scheme == "ssh" && to->scheme == "ssh") return auth;
    if (is_http(*from) && from->Origin() == to->Origin()) return auth;
    if (is_http(*to)) return Auth{.ca_pem = auth.ca_pem};
  }
  return Auth{.known_hosts = auth.known_hosts};
}

absl::StatusOr<std::shared_ptr<const fs::Tree>> Mount(const Context& ctx, MirrorSet& mirrors,
                                                      const SubmoduleAccess& access,
                                                      absl::string_view url,
                                                      std::shared_ptr<const CommitTree> tree,
                                                      int depth);

absl::StatusOr<std::shared_ptr<const fs::Tree>> MountOne(const Context& ctx, MirrorSet& mirrors,
                                                         const SubmoduleAccess& access,
                                                         absl::string_view parent,
                                                         const Submodule& submodule,
                                                         const ObjectId& commit, int depth) {
  ASSIGN_OR_RETURN(const std::string url, ResolveSubmoduleUrl(parent, submodule.url));
  const Auth auth = AuthFor(access.auth, parent, url);
  ASSIGN_OR_RETURN(const std::unique_ptr<Remote> remote, Remote::Open(url, auth, access.options));
  ASSIGN_OR_RETURN(Mirror* const mirror, mirrors.Open(ctx, url));
  // Asked even if the commit is here: that is what checks the credentials.
  RETURN_IF_ERROR(remote->ListRefs(ctx, {"HEAD"}).status());
  if (!mirror->Has(commit)) RETURN_IF_ERROR(FetchCommit(ctx, *remote, *mirror, commit, ""));
  ASSIGN_OR_RETURN(const Commit parsed, ReadCommit(*mirror->objects(), commit));
  return Mount(ctx, mirrors, SubmoduleAccess{auth, access.options}, url,
               std::make_shared<const CommitTree>(mirror->objects(), parsed.tree), depth);
}

absl::StatusOr<std::shared_ptr<const fs::Tree>> Mount(const Context& ctx, MirrorSet& mirrors,
                                                      const SubmoduleAccess& access,
                                                      absl::string_view url,
                                                      std::shared_ptr<const CommitTree> tree,
                                                      int depth) {
  const absl::StatusOr<std::string> text = tree->Read(".gitmodules", kMaxGitmodules);
  if (absl::IsNotFound(text.status())) return tree;
  if (!text.ok()) return text.status();
  ASSIGN_OR_RETURN(const std::vector<Submodule> submodules, ParseGitmodules(*text));
  MountedTree::Mounts mounts;
  for (const Submodule& submodule : submodules) {
    const absl::StatusOr<ObjectId> commit = tree->SubmoduleCommit(submodule.path);
    if (!commit.ok()) continue;  // mentioned, but not there
    const std::string name = absl::StrCat("submodule '", submodule.path, "'");
    if (depth == kMaxSubmoduleDepth) {
      return absl::ResourceExhaustedError(
          absl::StrCat(name, ": submodules are nested more than ", kMaxSubmoduleDepth, " deep"));
    }
    absl::StatusOr<std::shared_ptr<const fs::Tree>> mounted =
        MountOne(ctx, mirrors, access, url, submodule, *commit, depth + 1);
    if (!mounted.ok()) return Annotate(mounted.status(), name);
    mounts[submodule.path] = *std::move(mounted);
  }
  if (mounts.empty()) return tree;
  return std::make_shared<const MountedTree>(std::move(tree), std::move(mounts));
}

}  // namespace

absl::StatusOr<Mirror*> MirrorSet::Open(const Context& ctx, absl::string_view url) {
  const std::string directory = MirrorDirectory(root_, scope_, url);
  std::unique_ptr<Mirror>& mirror = mirrors_[directory];
  if (mirror == nullptr) {
    ASSIGN_OR_RETURN(mirror, Mirror::Open(ctx, clock_, directory));
  }
  return mirror.get();
}

absl::Status FetchCommit(const Context& ctx, Remote& remote, Mirror& mirror, const ObjectId& id,
                         absl::string_view branch) {
  const absl::Status alone = mirror.Fetch(ctx, remote, {id}, 1);
  if (alone.ok()) return alone;
  if (!absl::IsNotFound(alone) && !absl::IsFailedPrecondition(alone)) return alone;
  // The words of git's own server, which looks at all that it has.
  if (SupportsAnyWant(remote.server()) && absl::StrContains(alone.message(), "not our ref")) {
    return ObjectNotFound();
  }
  ASSIGN_OR_RETURN(const std::vector<RemoteRef> refs,
                   remote.ListRefs(ctx, {std::string(branch.empty() ? kHeads : branch)}));
  std::vector<ObjectId> wants;
  for (const RemoteRef& ref : refs) {
    if (branch.empty() ? absl::StartsWith(ref.name, kHeads) : ref.name == branch) {
      wants.push_back(ref.id);
    }
  }
  if (wants.empty()) return ObjectNotFound();
  RETURN_IF_ERROR(mirror.Fetch(ctx, remote, std::move(wants), kWholeHistory));
  const absl::Status adopted = mirror.Adopt(ctx, id);
  return absl::IsNotFound(adopted) ? ObjectNotFound() : adopted;
}

absl::StatusOr<std::shared_ptr<const fs::Tree>> MountSubmodules(
    const Context& ctx, MirrorSet& mirrors, const SubmoduleAccess& access, absl::string_view url,
    std::shared_ptr<const CommitTree> tree) {
  return Mount(ctx, mirrors, access, url, std::move(tree), 0);
}

}  // namespace sluice::git
