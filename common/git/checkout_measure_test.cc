// SPDX-License-Identifier: Apache-2.0
// Times and memory of a fetch, run by hand against a server in another process:
//
//   git-server --root DIR --write-url url
//   SLUICE_MEASURE_REPOSITORY=DIR/r.git SLUICE_MEASURE_URL=$(cat url)/r git_test "[.measure]"
//
// SLUICE_MEASURE_FILES says how many files, 1,000 if it is not there.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/clock.h"
#include "common/git/checkout.h"
#include "common/git_testing/repo_builder.h"
#include "common/git_testing/scratch_directory.h"

namespace sluice::git {
namespace {

// "VmRSS" or "VmHWM" of this process.
std::string Memory(absl::string_view field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (absl::StartsWith(line, field)) return line;
  }
  return "";
}

// As packing an artifact does.
size_t ReadAll(const fs::Tree& tree, const std::string& directory) {
  size_t bytes = 0;
  const std::vector<fs::Entry> entries = tree.List(directory).value();
  for (const fs::Entry& entry : entries) {
    const std::string path =
        directory.empty() ? entry.name : absl::StrCat(directory, "/", entry.name);
    bytes += entry.type == fs::EntryType::kDirectory ? ReadAll(tree, path)
                                                     : tree.Read(path).value().size();
  }
  return bytes;
}

TEST_CASE("fetching many files, then one changed file, then nothing", "[.measure]") {
  const char* const url = std::getenv("SLUICE_MEASURE_URL");
  const char* const path = std::getenv("SLUICE_MEASURE_REPOSITORY");
  if (url == nullptr || path == nullptr) {
    WARN("SLUICE_MEASURE_URL and SLUICE_MEASURE_REPOSITORY are not set: nothing measured");
    return;
  }
  const char* const files = std::getenv("SLUICE_MEASURE_FILES");
  const int count = files == nullptr ? 1000 : std::atoi(files);
  git_testing::RepoBuilder repo(path);
  for (int i = 0; i < count; ++i) {
    std::string content =
        absl::StrCat("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c", i, "\ndata:\n");
    for (int line = 0; line < 40; ++line) {
      absl::StrAppend(&content, "  key", line, ": value-", i * 7919 + line * 104729, "\n");
    }
    repo.Write(absl::StrCat("apps/team", i % 20, "/app", i, ".yaml"), content);
  }
  repo.Commit("first");

  const git_testing::ScratchDirectory scratch;
  const Checkouts checkouts(scratch / "mirrors", RealClock());
  CheckoutRequest request{.url = url, .reference = {.branch = "main"}};
  const auto measure = [&](const char* what) {
    const absl::Time start = absl::Now();
    const CheckedOut result = checkouts.Fetch(Context::Background(), request).value();
    const absl::Time fetched = absl::Now();
    const size_t bytes = result.tree == nullptr ? 0 : ReadAll(*result.tree, "");
    WARN(what << ": tree after " << fetched - start << ", all " << bytes
              << " bytes read after another " << absl::Now() - fetched << "; " << Memory("VmRSS")
              << ", " << Memory("VmHWM"));
    request.last_revision = result.revision;
  };
  WARN("before: " << Memory("VmRSS"));
  measure("first");
  repo.Write("apps/team7/app7.yaml", "changed: true\n");
  repo.Commit("second");
  measure("incremental");
  measure("unchanged");
  request.last_revision = "";
  measure("unchanged, without the shortcut");
}

}  // namespace
}  // namespace sluice::git
