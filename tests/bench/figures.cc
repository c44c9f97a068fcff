// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/figures.h"

#include <algorithm>
#include <fstream>
#include <iostream>

#include "absl/strings/str_format.h"
#include "common/value/json.h"

namespace sluice::bench {
namespace {

absl::Status Write(const Figures& figures, const std::string& path) {
  Value::Array rows;
  for (const Figure& figure : figures.all()) {
    Value row = {{"what", figure.what}, {"value", figure.value}, {"unit", figure.unit}};
    if (figure.reference.has_value()) row.Set("reference", *figure.reference);
    rows.push_back(std::move(row));
  }
  std::ofstream out(path);
  out << value::FormatJson(Value(std::move(rows))) << "\n";
  return out.flush() ? absl::OkStatus() : absl::UnavailableError(path + " cannot be written");
}

}  // namespace

void Figures::Add(std::string what, double value, std::string unit,
                  std::optional<double> reference) {
  std::cout << absl::StreamFormat("%-60s %12.2f %s", what, value, unit);
  if (reference.has_value()) std::cout << absl::StreamFormat("  (reference %.2f)", *reference);
  std::cout << std::endl;
  figures_.push_back({std::move(what), value, std::move(unit), reference});
}

int RunBenchmark(Command& command, int argc, const char* const* argv,
                 const std::function<absl::Status(Figures&)>& measure) {
  std::string json;
  command.Text("--json", json, "the file to write the figures to");
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  Figures figures;
  absl::Status status = measure(figures);
  if (!json.empty()) status.Update(Write(figures, json));
  if (status.ok()) return 0;
  std::cerr << status.message() << "\n";
  return 1;
}

double Percentile(std::vector<double> samples, int percent) {
  if (samples.empty()) return 0;
  std::sort(samples.begin(), samples.end());
  const size_t rank = (samples.size() * static_cast<size_t>(percent) + 99) / 100;
  return samples[std::clamp<size_t>(rank, 1, samples.size()) - 1];
}

}  // namespace sluice::bench
