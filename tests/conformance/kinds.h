// The kinds of corpus that the program can run.
//
// A new kind is one file that defines its runner, its declaration and one row in kinds.cc, and its
// name in CMakeLists.txt (plus what it links).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tests/conformance/report.h"

namespace sluice::conformance {

// Runs every case of `path` (a file or the folder in the corpus's documented format) and adds each
// to the report. An error means that the corpus could not be read; failed cases are no error.
using Runner = absl::Status (*)(const std::filesystem::path& path, Report& report);

struct Kind {
  absl::string_view name;  // of the folder under corpus/, for most kinds
  Runner run;
};

std::span<const Kind> Kinds();

}  // namespace sluice::conformance
