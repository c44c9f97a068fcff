// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/plan.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/plan/chart_fetch.h"
#include "cli/plan/charts.h"
#include "cli/plan/compare.h"
#include "cli/plan/local_sources.h"
#include "cli/plan/memo.h"
#include "cli/plan/source_tree.h"
#include "cli/plan/walk.h"
#include "common/age/identity.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/fs/clean_path.h"
#include "common/helm/capabilities.h"

namespace sluice::plan {
namespace {

namespace filesystem = std::filesystem;

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool IsFolder(const filesystem::path& path) {
  std::error_code error;
  return filesystem::is_directory(path, error);
}

// "." is the work tree that it is in, as for git; anything else is meant as it is.
std::string RepositoryOf(const std::string& folder) {
  std::error_code error;
  const filesystem::path start = filesystem::weakly_canonical(folder, error);
  if (folder != ".") return start.string();
  for (filesystem::path at = start;; at = at.parent_path()) {
    if (filesystem::exists(at / ".git", error)) return at.string();
    if (at == at.parent_path()) return start.string();
  }
}

// As SOPS looks for them.
absl::StatusOr<age::Identities> LocalKeys() {
  std::string text = Environment("SOPS_AGE_KEY");
  std::string file = Environment("SOPS_AGE_KEY_FILE");
  if (file.empty()) {
    std::string config = Environment("XDG_CONFIG_HOME");
    if (config.empty()) config = absl::StrCat(Environment("HOME"), "/.config");
    file = absl::StrCat(config, "/sops/age/keys.txt");
  }
  if (std::ifstream in(file); in) {
    absl::StrAppend(&text, "\n", std::string(std::istreambuf_iterator<char>(in), {}));
  }
  auto identities = age::ParseIdentities(text);
  if (!identities.ok()) return Annotate(identities.status(), "age keys");
  return identities;
}

// What both revisions are rendered with.
class Session {
 public:
  static absl::StatusOr<std::unique_ptr<Session>> Open(const PlanOptions& options) {
    std::unique_ptr<Session> session(new Session(options));
    ASSIGN_OR_RETURN(session->keys_, LocalKeys());
    if (!options.cache_folder.empty()) {
      ASSIGN_OR_RETURN(session->chart_folder_,
                       ChartFolder::Open(absl::StrCat(options.cache_folder, "/charts")));
    }
    if (options.fetch) {
      if (options.cache_folder.empty()) {
        return absl::InvalidArgumentError("there is no cache folder to fetch charts into");
      }
      ASSIGN_OR_RETURN(session->fetcher_, ChartFetcher::Create());
    }
    session->charts_.emplace(session->chart_folder_, session->fetcher_.get());
    session->capabilities_ = helm::DefaultCapabilities(helm::Dialect::kHelm4);
    if (!options.kube_version.empty()) {
      ASSIGN_OR_RETURN(session->capabilities_.kube_version,
                       helm::ParseKubeVersion(options.kube_version, helm::Dialect::kHelm4));
    }
    auto& versions = session->capabilities_.api_versions;
    versions.insert(versions.end(), options.api_versions.begin(), options.api_versions.end());
    ASSIGN_OR_RETURN(const auto folders, ParseLocalSources(options.local_sources));
    for (const auto& [source, folder] : folders) {
      ASSIGN_OR_RETURN(session->local_sources_[source], SourceTree::OpenFolder(folder));
    }
    return session;
  }

  // The tree that a revision or folder is; "" is the folder of the repository.
  absl::StatusOr<std::shared_ptr<const SourceTree>> OpenTree(const std::string& revision,
                                                             const SourceTree* like) const {
    if (revision.empty()) return SourceTree::OpenFolder(repository_);
    if (absl::StrContains(revision, '/') && IsFolder(revision)) {
      return SourceTree::OpenFolder(revision);
    }
    return SourceTree::OpenCommit(repository_, revision, like);
  }

  absl::StatusOr<std::unique_ptr<ClusterPlan>> Render(const Context& ctx,
                                                      std::shared_ptr<const SourceTree> tree) {
    std::string path;
    if (options_.path.empty()) {
      ASSIGN_OR_RETURN(path, FindRoot(ctx, *tree));
    } else {
      ASSIGN_OR_RETURN(path, fs::SecureJoin("", options_.path));
    }
    return Walk(ctx, std::move(tree),
                {path, local_sources_, *charts_, memo_, keys_, capabilities_});
  }

  // What is kept is a matter of speed alone.
  void Keep() { (void)memo_.Save(); }

 private:
  explicit Session(const PlanOptions& options)
      : options_(options),
        repository_(RepositoryOf(options.repository)),
        memo_(options.cache_folder.empty()
                  ? ""
                  : absl::StrCat(options.cache_folder, "/plan/",
                                 crypto::Sha256Hex(repository_).substr(0, 32))) {}

  const PlanOptions& options_;
  const std::string repository_;
  age::Identities keys_;
  ChartFolder chart_folder_;
  std::unique_ptr<ChartFetcher> fetcher_;
  std::optional<Charts> charts_;
  Memo memo_;
  helm::Capabilities capabilities_;
  LocalSources local_sources_;
};

}  // namespace

std::string DefaultCacheFolder() {
  if (const std::string folder = Environment("SLUICE_CACHE"); !folder.empty()) return folder;
  if (const std::string folder = Environment("XDG_CACHE_HOME"); !folder.empty()) {
    return absl::StrCat(folder, "/sluice");
  }
  const std::string home = Environment("HOME");
  return home.empty() ? "" : absl::StrCat(home, "/.cache/sluice");
}

absl::StatusOr<Report> RunPlan(const Context& ctx, const PlanOptions& options) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Session> session, Session::Open(options));
  const auto opened = session->OpenTree(options.from.empty() ? "HEAD" : options.from, nullptr);
  if (!opened.ok() && options.from.empty()) {
    return Annotate(opened.status(),
                    "nothing to compare with is given by --from, and there is no HEAD");
  }
  ASSIGN_OR_RETURN(const auto from_tree, opened);
  ASSIGN_OR_RETURN(const auto to_tree, session->OpenTree(options.to, from_tree.get()));
  ASSIGN_OR_RETURN(const std::shared_ptr<ClusterPlan> from, session->Render(ctx, from_tree));
  ASSIGN_OR_RETURN(const std::shared_ptr<ClusterPlan> to, session->Render(ctx, to_tree));
  ASSIGN_OR_RETURN(Report report, Compare(ctx, *from, *to, {.prune_budget = options.prune_budget}));
  report.from = from_tree->label();
  report.to = to_tree->label();
  session->Keep();
  report.basis = std::make_shared<std::tuple<std::shared_ptr<Session>, std::shared_ptr<ClusterPlan>,
                                             std::shared_ptr<ClusterPlan>>>(session, from, to);
  return report;
}

absl::StatusOr<Report> RunTest(const Context& ctx, const PlanOptions& options) {
  ASSIGN_OR_RETURN(const std::shared_ptr<Session> session, Session::Open(options));
  ASSIGN_OR_RETURN(const auto tree, session->OpenTree(options.to, nullptr));
  ASSIGN_OR_RETURN(const std::shared_ptr<ClusterPlan> plan, session->Render(ctx, tree));
  ASSIGN_OR_RETURN(Report report, Test(ctx, *plan));
  report.to = tree->label();
  session->Keep();
  report.basis =
      std::make_shared<std::pair<std::shared_ptr<Session>, std::shared_ptr<ClusterPlan>>>(session,
                                                                                          plan);
  return report;
}

}  // namespace sluice::plan
