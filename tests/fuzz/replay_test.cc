// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/fuzz/targets.h"

namespace sluice::fuzz {
namespace {

TEST_CASE("the inputs kept for the fuzzers still hold", "[fuzz]") {
  // Tests run in the source tree's root.
  const std::filesystem::path corpus = "tests/fuzz/corpus";
  for (const Target& target : Targets()) {
    std::vector<std::filesystem::path> inputs;
    for (const auto& entry :
         std::filesystem::directory_iterator(corpus / std::string(target.name))) {
      inputs.push_back(entry.path());
    }
    std::sort(inputs.begin(), inputs.end());
    CHECK_FALSE(inputs.empty());
    for (const std::filesystem::path& input : inputs) {
      INFO(input.string());
      std::ifstream file(input, std::ios::binary);
      std::ostringstream text;
      text << file.rdbuf();
      REQUIRE(file.good());
      target.run(text.str());  // ends the process if something is wrong
    }
  }
}

}  // namespace
}  // namespace sluice::fuzz
