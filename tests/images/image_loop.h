// A cluster whose repository is edited by image automation: what the tests of it share.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/git_testing/git_server.h"
#include "common/oci_testing/registry.h"
#include "common/value/value.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::images {

using e2e::Cluster;
using e2e::ClusterOptions;
using e2e::GitRepository;
using e2e::TempDir;

inline constexpr char kImageApi[] = "image.toolkit.fluxcd.io/v1";
inline constexpr absl::Duration kImageLimit = absl::Seconds(40);
inline constexpr char kWebManifest[] = "apps/web.yaml";

// A Deployment "web" of `image`, with a marker for the policy "app", in a style that no printer of
// YAML would give it.
std::string WebManifest(absl::string_view ns, absl::string_view image);

// Serves a bare repository with the Deployment for fetching and pushing, and has a registry. All in
// the test's process but for the controllers.
class ImageLoop {
 public:
  explicit ImageLoop(ClusterOptions options = {}, oci_testing::RegistryOptions registry = {});

  Cluster& cluster() { return *cluster_; }
  git_testing::GitServer& server() { return *server_; }
  oci_testing::Registry& registry() { return registry_; }
  const TempDir& tags() const { return tags_; }
  std::string repository_path() const { return cluster_->git_root() + "/repo.git"; }
  std::string image() const { return registry_.host() + "/team/app"; }

  void Apply(Value object);
  void AddTag(absl::string_view tag);
  // A GitRepository "repo" of `url`, this server's if empty, with `secret` if not empty.
  void AddSource(absl::string_view url = "", absl::string_view secret = "");
  // An ImageRepository and a policy "app" for the newest version, of `image`.
  void AddPolicy(absl::string_view image, absl::string_view interval = "10m");
  // An ImageUpdateAutomation with `git` for spec.git.
  void AddAutomation(absl::string_view name, Value git);
  // spec.git with an author, main checked out, and pushed to `branch` if not empty.
  static Value GitSpec(absl::string_view branch = "");

  // Runs git in the bare repository; its output without the last line break.
  std::string Git(const std::vector<std::string>& arguments);
  int CommitsOn(absl::string_view branch);
  std::string FileAt(absl::string_view branch, absl::string_view path);
  // Commits a file to main from elsewhere.
  void CommitElsewhere(absl::string_view path, absl::string_view content);

  // Waits; describes the cluster if it was in vain.
  void Await(absl::string_view what, const std::function<bool()>& condition);
  void AwaitImage(absl::string_view branch, absl::string_view image);
  // An image object is Ready=True now, for its generation.
  bool IsReady(absl::string_view kind, absl::string_view name);
  std::string StatusOf(absl::string_view kind, absl::string_view name, absl::string_view field);

 private:
  TempDir work_;
  TempDir tags_;
  oci_testing::Registry registry_;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<git_testing::GitServer> server_;
};

}  // namespace sluice::images
