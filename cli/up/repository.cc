// SPDX-License-Identifier: Apache-2.0
#include "cli/up/repository.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/git/remote.h"
#include "common/http/message.h"

namespace sluice::cli {
namespace {

constexpr absl::string_view kBranches = "refs/heads/";
constexpr absl::Duration kListingLimit = absl::Seconds(30);

std::string FileUrl(const std::filesystem::path& folder) {
  std::string url = "file://";
  for (const std::filesystem::path& part : folder.relative_path()) {
    absl::StrAppend(&url, "/", http::EscapePathSegment(part.string()));
  }
  return url;
}

absl::StatusOr<std::string> DefaultBranch(const Context& ctx, const std::string& url) {
  ASSIGN_OR_RETURN(const auto remote, git::Remote::Open(url, {}, {.allow_local = true}));
  ASSIGN_OR_RETURN(const std::vector<git::RemoteRef> refs,
                   remote->ListRefs(ctx.WithTimeout(kListingLimit), {"HEAD"}));
  for (const git::RemoteRef& ref : refs) {
    absl::string_view target = ref.symref_target;
    if (ref.name == "HEAD" && absl::ConsumePrefix(&target, kBranches)) return std::string(target);
  }
  return absl::NotFoundError("it has no default branch with a commit; say which: --branch NAME");
}

}  // namespace

absl::StatusOr<RepositoryToSync> FindRepository(const Context& ctx, const std::string& place,
                                                absl::string_view branch) {
  RepositoryToSync repository{.url = place, .branch = std::string(branch)};
  std::error_code error;
  if (std::filesystem::is_directory(place, error)) {
    const std::filesystem::path folder = std::filesystem::canonical(place, error);
    if (error) return absl::UnavailableError(absl::StrCat(place, ": ", error.message()));
    repository.url = FileUrl(folder);
  }
  if (repository.branch.empty()) {
    auto found = DefaultBranch(ctx, repository.url);
    if (!found.ok()) return Annotate(found.status(), place);
    repository.branch = *std::move(found);
  }
  return repository;
}

}  // namespace sluice::cli
