// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdlib>

#include "cli/testing/command_line.h"

namespace sluice::cli {
namespace {

using testing::RunCommandLine;

TEST_CASE("variables of the environment are put into standard input", "[cli]") {
  setenv("SLUICE_TEST_REGION", "eu", 1);
  unsetenv("SLUICE_TEST_ABSENT");
  const auto output = RunCommandLine(
      {"envsubst"},
      "a: ${SLUICE_TEST_REGION}\n$$ ${SLUICE_TEST_ABSENT:-d} $x\n[${SLUICE_TEST_ABSENT}]");
  CHECK(output.code == 0);
  CHECK(output.out == "a: eu\n$ d $x\n[]\n");

  const auto strict = RunCommandLine({"envsubst", "--strict"}, "one\n${SLUICE_TEST_ABSENT}\n");
  CHECK(strict.code == 1);
  CHECK(strict.out == "one\n");
  CHECK(strict.err == "✗ variable not set (strict mode): \"SLUICE_TEST_ABSENT\"\n");
  CHECK(RunCommandLine({"envsubst"}, "a ${").code == 1);
  CHECK(RunCommandLine({"envsubst"}, "").out.empty());
}

}  // namespace
}  // namespace sluice::cli
