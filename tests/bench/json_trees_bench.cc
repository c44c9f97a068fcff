// The document model against two libraries' trees, on a list of 10,000 Deployments: what a
// controller's cache does with them (docs/adr/0003-value.md).

// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <malloc.h>

#ifdef SLUICE_BENCH_NLOHMANN
#include <nlohmann/json.hpp>
#endif
#ifdef SLUICE_BENCH_BOOST
#include <boost/json.hpp>
#endif

#include "common/value/json.h"
#include "tests/bench/manifests.h"

namespace sluice::bench {
namespace {

constexpr size_t kCount = 10'000;

const std::string& ListJson() {
  static const std::string* const kText = new std::string(DeploymentListJson(kCount));
  return *kText;
}

struct Ours {
  using Tree = Value;
  static Tree Parse(const std::string& text) { return value::ParseJson(text).value(); }
  static std::string Print(const Tree& tree) { return value::FormatJson(tree); }
  static void ChangeEach(Tree& tree) {
    for (Value& item : tree.FindMutable("items")->mutable_items()) {
      item.Ensure("metadata").Ensure("annotations").Set("example.com/seen", "true");
    }
  }
};

#ifdef SLUICE_BENCH_NLOHMANN
struct Nlohmann {
  using Tree = nlohmann::json;
  static Tree Parse(const std::string& text) { return nlohmann::json::parse(text); }
  static std::string Print(const Tree& tree) { return tree.dump(); }
  static void ChangeEach(Tree& tree) {
    for (auto& item : tree["items"]) {
      item["metadata"]["annotations"]["example.com/seen"] = "true";
    }
  }
};
#endif

#ifdef SLUICE_BENCH_BOOST
struct Boost {
  using Tree = boost::json::value;
  static Tree Parse(const std::string& text) { return boost::json::parse(text); }
  static std::string Print(const Tree& tree) { return boost::json::serialize(tree); }
  static void ChangeEach(Tree& tree) {
    for (auto& item : tree.as_object()["items"].as_array()) {
      item.as_object()["metadata"].as_object()["annotations"].as_object()["example.com/seen"] =
          "true";
    }
  }
};
#endif

double HeapMiB() { return static_cast<double>(mallinfo2().uordblks) / (1024 * 1024); }

template <class Library>
void BM_Parse(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Library::Parse(ListJson()));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * ListJson().size()));
}

template <class Library>
void BM_Copy(benchmark::State& state) {
  const auto tree = Library::Parse(ListJson());
  for (auto _ : state) {
    auto copy = tree;
    benchmark::DoNotOptimize(copy);
  }
}

// A copy in which one field of every object is changed: a desired state next to the observed one.
template <class Library>
void BM_CopyAndChange(benchmark::State& state) {
  const double empty = HeapMiB();
  const auto tree = Library::Parse(ListJson());
  state.counters["tree_MiB"] = HeapMiB() - empty;
  for (auto _ : state) {
    auto copy = tree;
    Library::ChangeEach(copy);
    benchmark::DoNotOptimize(copy);
    state.counters["both_MiB"] = HeapMiB() - empty;
  }
}

template <class Library>
void BM_Print(benchmark::State& state) {
  const auto tree = Library::Parse(ListJson());
  for (auto _ : state) benchmark::DoNotOptimize(Library::Print(tree));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * ListJson().size()));
}

#define SLUICE_TREE_BENCHMARKS(Library)                                         \
  BENCHMARK_TEMPLATE(BM_Parse, Library)->Unit(benchmark::kMillisecond);         \
  BENCHMARK_TEMPLATE(BM_Copy, Library)->Unit(benchmark::kMillisecond);          \
  BENCHMARK_TEMPLATE(BM_CopyAndChange, Library)->Unit(benchmark::kMillisecond); \
  BENCHMARK_TEMPLATE(BM_Print, Library)->Unit(benchmark::kMillisecond)

SLUICE_TREE_BENCHMARKS(Ours);
#ifdef SLUICE_BENCH_NLOHMANN
SLUICE_TREE_BENCHMARKS(Nlohmann);
#endif
#ifdef SLUICE_BENCH_BOOST
SLUICE_TREE_BENCHMARKS(Boost);
#endif

}  // namespace
}  // namespace sluice::bench
