// What a benchmark finds out: printed for people as it comes, and as JSON for tools/bench.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/flags/command.h"

namespace sluice::bench {

struct Figure {
  std::string what;  // "1000 Kustomizations: install"; the same in every run
  double value = 0;
  std::string unit;  // less is better, but of units that end in "/s"
  // The same of the program that we are compared with, taken in the same run.
  std::optional<double> reference;
};

// Not thread-safe.
class Figures {
 public:
  // Prints it, too.
  void Add(std::string what, double value, std::string unit,
           std::optional<double> reference = std::nullopt);

  const std::vector<Figure>& all() const { return figures_; }

 private:
  std::vector<Figure> figures_;
};

// The main() of a benchmark: reads the command line, to which it adds `--json FILE` for the
// figures, and measures. 1 and a message if that fails; the figures until then are written.
int RunBenchmark(Command& command, int argc, const char* const* argv,
                 const std::function<absl::Status(Figures&)>& measure);

// The sample at or below which `percent` of them are, 50 for the median; 0 without samples.
double Percentile(std::vector<double> samples, int percent);

}  // namespace sluice::bench
