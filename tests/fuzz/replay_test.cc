// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/fuzz/targets.h"

namespace sluice::fuzz {
namespace {

namespace fs = std::filesystem;

// Tests run in the source tree's root.
const fs::path kCorpus = "tests/fuzz/corpus";

std::set<fs::path> In(const fs::path& directory) {
  std::set<fs::path> entries;
  if (!fs::is_directory(directory)) return entries;
  for (const auto& entry : fs::directory_iterator(directory)) entries.insert(entry.path());
  return entries;
}

TEST_CASE("every fuzz target has inputs to begin with, and every folder of inputs a target",
          "[fuzz]") {
  CHECK(Targets().size() >= 40);
  for (const auto& [name, run] : Targets()) {
    INFO(name);
    CHECK_FALSE(In(kCorpus / name).empty());
  }
  for (const fs::path& folder : In(kCorpus)) {
    INFO(folder.string());
    CHECK(Targets().contains(folder.filename().string()));
  }
}

TEST_CASE("the inputs kept for the fuzzers still hold", "[fuzz]") {
  for (const auto& [name, run] : Targets()) {
    for (const fs::path& input : In(kCorpus / name)) {
      INFO(input.string());
      std::ifstream file(input, std::ios::binary);
      std::ostringstream text;
      text << file.rdbuf();
      REQUIRE(file.good());
      const auto start = std::chrono::steady_clock::now();
      run(text.str());  // ends the process if something is wrong
      CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
    }
  }
}

}  // namespace
}  // namespace sluice::fuzz
