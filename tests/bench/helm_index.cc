// How long it takes to bring a Helm repository index into its stored form and to find a chart in
// it, and how much memory:
//
//   helm_index [FILE]
//
// Without a file, one of 100 MB is made that resembles those of large public repositories.

// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/disk/temp_dir.h"
#include "common/flags/command.h"
#include "common/helm_repository/chart_versions.h"
#include "services/source-controller/helm_repository/index_file.h"
#include "tests/bench/figures.h"

namespace sluice::bench {
namespace {

constexpr size_t kWanted = 100'000'000;  // bytes

double PeakMiB() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

class Watch {
 public:
  double Milliseconds() const {
    return std::chrono::duration<double, std::milli>(Clock::now() - start_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start_ = Clock::now();
};

std::string Entry(const std::string& chart, const std::string& version, int number) {
  return absl::StrFormat(
      R"(  - annotations:
      category: Database
      images: |
        - name: %1$s
          image: registry.example.com/%1$s:%2$s-r%3$d
        - name: shell
          image: registry.example.com/shell:12-r%3$d
      licenses: Apache-2.0
    apiVersion: v2
    appVersion: %2$s
    created: "2025-03-1%4$dT10:11:12.123456789Z"
    dependencies:
    - name: common
      repository: oci://registry.example.com/charts
      tags:
      - example-common
      version: 2.x.x
    description: %1$s stores data for those who want to have data stored, fast and for long.
    digest: %5$s
    home: https://example.com
    icon: https://example.com/assets/stacks/%1$s/img/%1$s-220x234.png
    keywords:
    - %1$s
    - database
    maintainers:
    - name: Example Ltd.
      url: https://example.com/charts
    name: %1$s
    sources:
    - https://example.com/charts/tree/main/%1$s
    urls:
    - https://charts.example.com/%1$s-%2$s.tgz
    version: %2$s
)",
      chart, version, number, number % 10, crypto::Sha256Hex(absl::StrCat(chart, version)));
}

void WriteIndex(const std::string& path) {
  std::ofstream out(path, std::ios::binary);
  out << "apiVersion: v1\nentries:\n";
  size_t written = 0;
  for (int chart = 0; written < kWanted; ++chart) {
    const std::string name = absl::StrFormat("chart-%04d", chart);
    out << "  " << name << ":\n";
    for (int i = 0; i < 120; ++i) {
      const std::string entry =
          Entry(name, absl::StrCat(20 - i / 10, ".", 9 - i % 10, ".", i % 7), i);
      out << entry;
      written += entry.size();
    }
  }
  out << "generated: \"2025-03-11T10:11:12.123456789Z\"\n";
}

// The index in its stored form, at `stored`.
absl::Status Store(const disk::TempDir& directory, const std::string& stored, Figures& figures) {
  const Watch watch;
  ASSIGN_OR_RETURN(auto index, source_controller::ReadIndexFile(Context::Background(),
                                                                directory.root(), "index.yaml"));
  figures.Add("Helm index of 100 MB: read", watch.Milliseconds(), "ms");
  std::ofstream out(stored, std::ios::binary);
  crypto::Digester digester(crypto::Algorithm::kSha256);
  while (true) {
    ASSIGN_OR_RETURN(const absl::string_view piece, index.Next());
    if (piece.empty()) break;
    digester.Update(piece);
    out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
  }
  digester.Finish();
  figures.Add("Helm index of 100 MB: read and stored", watch.Milliseconds(), "ms");
  return absl::OkStatus();
}

absl::Status Find(const std::string& stored, Figures& figures) {
  const Watch watch;
  helm_repository::ChartFinder finder("chart-0700");
  std::ifstream file(stored, std::ios::binary);
  std::string block(256 << 10, '\0');
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) || file.gcount() > 0) {
    ASSIGN_OR_RETURN(const bool go_on, finder.Feed(absl::string_view(
                                           block.data(), static_cast<size_t>(file.gcount()))));
    if (!go_on) break;
  }
  RETURN_IF_ERROR(finder.Finish().status());
  figures.Add("Helm index of 100 MB: one chart found", watch.Milliseconds(), "ms");
  return absl::OkStatus();
}

absl::Status Measure(const std::string& given, Figures& figures) {
  ASSIGN_OR_RETURN(const disk::TempDir directory, disk::TempDir::Create("helm-index-"));
  const std::string input = directory.path() + "/index.yaml";
  if (given.empty()) {
    WriteIndex(input);
  } else {
    std::filesystem::copy_file(given, input);
  }
  const std::string stored = directory.path() + "/stored.json";
  RETURN_IF_ERROR(Store(directory, stored, figures));
  RETURN_IF_ERROR(Find(stored, figures));
  figures.Add("Helm index of 100 MB: peak memory of the process", PeakMiB(), "MiB");
  return absl::OkStatus();
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  std::string file;
  sluice::Command command("helm_index", "Measures the index of a large Helm repository.");
  command.Positional("FILE", file, "an index.yaml", false);
  return sluice::bench::RunBenchmark(command, argc, argv, [&](sluice::bench::Figures& figures) {
    return sluice::bench::Measure(file, figures);
  });
}
