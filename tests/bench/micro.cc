// The engines by themselves, without processes, disk and network.
//
//   build/release/bin/micro               times each operation
//   build/release/bin/micro --count       counts allocations, at scale 1 and at scale 10, and does
//                                         each in a function that gate.py counts instructions of

// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/flags/command.h"
#include "tests/bench/figures.h"
#include "tests/bench/operations.h"

namespace sluice::bench {

// One operation. A name for callgrind, which counts what is done below it.
[[gnu::noinline]] size_t Measured(const std::function<size_t()>& work) { return work(); }

namespace {

size_t allocations = 0;

constexpr size_t kTimedScale = 10;
constexpr std::chrono::milliseconds kTime(300);  // for each operation
constexpr size_t kFewest = 5;                    // rounds

absl::Status Once(const Operation& operation, const std::function<size_t()>& work) {
  if (Measured(work) > 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(operation.name, " came to nothing"));
}

absl::Status Time(const Operation& operation, Figures& figures) {
  using Clock = std::chrono::steady_clock;
  const std::function<size_t()> work = operation.prepare(kTimedScale);
  std::vector<double> took;
  const Clock::time_point end = Clock::now() + kTime;
  while (took.size() < kFewest || Clock::now() < end) {
    const Clock::time_point begun = Clock::now();
    if (const absl::Status status = Once(operation, work); !status.ok()) return status;
    took.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begun).count());
  }
  figures.Add(operation.name, Percentile(took, 50), "ms");
  return absl::OkStatus();
}

absl::Status Count(const Operation& operation, Figures& figures) {
  for (const size_t scale : {1, 10}) {
    const std::function<size_t()> work = operation.prepare(scale);
    work();  // what is done only once in a process does not count
    const size_t before = allocations;
    if (const absl::Status status = Once(operation, work); !status.ok()) return status;
    const auto made = static_cast<double>(allocations - before);
    figures.Add(absl::StrCat(operation.name, " at scale ", scale, ": allocations"), made, "");
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace sluice::bench

void* operator new(size_t bytes) {
  ++sluice::bench::allocations;
  if (void* const memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

int main(int argc, char** argv) {
  bool count = false;
  sluice::Command command("micro", "Measures the engines by themselves.");
  command.Bool("--count", count, "do each twice and count allocations, instead of timing");
  return sluice::bench::RunBenchmark(command, argc, argv, [&](sluice::bench::Figures& figures) {
    absl::Status status;
    for (const sluice::bench::Operation& operation : sluice::bench::Operations()) {
      if (!status.ok()) break;
      status = count ? sluice::bench::Count(operation, figures)
                     : sluice::bench::Time(operation, figures);
    }
    return status;
  });
}
