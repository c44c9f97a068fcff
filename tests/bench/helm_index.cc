// How long it takes to bring a Helm repository index into its stored form and to find a chart in it,
// and how much memory:
//
//   helm_index [FILE [OUTPUT]]
//
// Without a file, one of 100 MB is made that resembles those of large public repositories.

// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/crypto/digest.h"
#include "common/disk/temp_dir.h"
#include "common/helm_repository/chart_versions.h"
#include "services/source-controller/helm_repository/index_file.h"

namespace sluice {
namespace {

constexpr size_t kWanted = 100'000'000;  // bytes

double PeakMiB() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

class Watch {
 public:
  int64_t Milliseconds() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_).count();
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

int Run(int argc, char** argv) {
  const disk::TempDir directory = disk::TempDir::Create("helm-index-").value();
  const std::string input = directory.path() + "/index.yaml";
  if (argc > 1) {
    std::filesystem::copy_file(argv[1], input);
  } else {
    WriteIndex(input);
  }
  const std::string output = argc > 2 ? argv[2] : directory.path() + "/stored.json";
  const double before = PeakMiB();
  const Context ctx = Context::Background();

  const Watch reading;
  auto index = source_controller::ReadIndexFile(ctx, directory.root(), "index.yaml");
  if (!index.ok()) {
    std::cerr << index.status().message() << "\n";
    return 1;
  }
  const int64_t read = reading.Milliseconds();
  {
    std::ofstream stored(output, std::ios::binary);
    crypto::Digester digester(crypto::Algorithm::kSha256);
    while (true) {
      const absl::string_view piece = index->Next().value();
      if (piece.empty()) break;
      digester.Update(piece);
      stored.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    }
    digester.Finish();
  }
  const int64_t stored = reading.Milliseconds();
  std::cout << absl::StrFormat(
      "index of %.1f MB: %d charts, %d versions; read in %d ms, stored (%.1f MB) after %d ms\n",
      static_cast<double>(std::filesystem::file_size(input)) / 1e6, index->charts(),
      index->versions(), read, static_cast<double>(std::filesystem::file_size(output)) / 1e6,
      stored);

  const Watch finding;
  helm_repository::ChartFinder finder("chart-0700");
  std::ifstream file(output, std::ios::binary);
  std::string block(256 << 10, '\0');
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())) ||
         file.gcount() > 0) {
    if (!finder.Feed(absl::string_view(block.data(), static_cast<size_t>(file.gcount())))
             .value()) {
      break;
    }
  }
  const auto found = finder.Finish().value();
  std::cout << absl::StrFormat("one chart (%d versions) found in %d ms\n",
                               found.has_value() ? found->size() : 0, finding.Milliseconds());
  std::cout << absl::StrFormat("peak resident memory %.1f MiB, %.1f MiB of it for this\n",
                               PeakMiB(), PeakMiB() - before);
  return 0;
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) { return sluice::Run(argc, argv); }
