// Charts as people publish them: installed, upgraded and uninstalled with their default values.
// Needs the charts beside the checkout (../shared/corpus/helm/charts, or $SLUICE_SHARED).

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "common/disk/disk_tree.h"
#include "common/helm/loader.h"
#include "common/testing/status_matchers.h"
#include "tests/releases/world.h"

namespace sluice::releases {
namespace {

namespace filesystem = std::filesystem;

// Charts whose defaults cannot be installed (a value is required, a kind is not served) are passed
// over; as many have to come through.
constexpr int kAtLeast = 20;

std::vector<filesystem::path> ChartFolders() {
  const char* const shared = std::getenv("SLUICE_SHARED");
  const filesystem::path root =
      filesystem::path(shared != nullptr ? shared : "../shared") / "corpus/helm/charts";
  std::vector<filesystem::path> folders;
  if (!filesystem::exists(root)) return folders;
  for (const auto& entry : filesystem::directory_iterator(root)) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

// The chart in `folder` as an archive; its version goes into `version`.
absl::StatusOr<std::string> Pack(const filesystem::path& folder, std::string& version) {
  auto tree = disk::DiskTree::Open(folder.string());
  if (!tree.ok()) return tree.status();
  const auto chart = helm::LoadTree(**tree);
  if (!chart.ok()) return chart.status();
  version = (*chart)->metadata.version;
  std::vector<helm::ChartFile> files;
  for (const auto& entry : filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().filename() == "Chart.yaml") continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    files.push_back({filesystem::relative(entry.path(), folder).string(), text.str()});
  }
  return helm::Package((*chart)->metadata, files, absl::UnixEpoch());
}

bool Ready(World& world) { return absl::StartsWith(world.Condition("Ready"), "True "); }

TEST_CASE("published charts are installed, upgraded and uninstalled", "[releases]") {
  const std::vector<filesystem::path> folders = ChartFolders();
  if (folders.empty()) {
    WARN("not run: there is no corpus/helm/charts under the shared folder");
    return;
  }
  int wanted = kAtLeast;
  const char* const text = std::getenv("SLUICE_TEST_CHARTS");
  if (text != nullptr) REQUIRE(absl::SimpleAtoi(text, &wanted));
  World world;
  int released = 0;
  int tried = 0;
  for (const filesystem::path& folder : folders) {
    if (released >= wanted) break;
    CAPTURE(folder.string());
    std::string version;
    const auto archive = Pack(folder, version);
    if (!archive.ok()) continue;
    ++tried;
    world.PublishArchive(*archive, version);
    // No kubelet runs their Jobs and Pods.
    const std::string quick =
        "install: {disableWait: true, disableHooks: true}, upgrade: {disableWait: true, "
        "disableHooks: true}, uninstall: {disableHooks: true, disableWait: true}";
    world.ApplyRelease(quick);
    world.Reconcile().status().IgnoreError();
    if (Ready(world)) {
      world.Reconcile().status().IgnoreError();
      CHECK(world.Stored() == std::vector<std::string>{"v1 deployed"});
      world.ApplyRelease(quick + ", values: {fromTheTest: true}");
      // A schema may refuse values that it does not know.
      world.Reconcile().status().IgnoreError();
      if (Ready(world)) {
        CHECK(world.Stored() == std::vector<std::string>{"v2 deployed", "v1 superseded"});
        ++released;
      }
    } else if (std::getenv("SLUICE_TEST_VERBOSE") != nullptr) {
      WARN(folder.filename().string() << ": " << world.Condition("Ready").substr(0, 300));
    }
    world.client()
        .Delete(world.ctx(), api::KindOrDie("HelmRelease"), {"default", "r"})
        .IgnoreError();
    CHECK_THAT(world.Reconcile().status(), testing::IsOk());
    CHECK(world.Stored().empty());
  }
  CHECK(released >= std::min(wanted, kAtLeast));
  if (text != nullptr) WARN(released << " of " << tried << " charts came through");
}

}  // namespace
}  // namespace sluice::releases
