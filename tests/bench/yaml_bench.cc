// YAML of Kubernetes manifests: reading, printing, and libyaml's events for comparison.

// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#ifdef SLUICE_BENCH_LIBYAML
#include <yaml.h>
#endif

#include "common/value/yaml.h"
#include "common/value/yaml_node.h"
#include "tests/bench/manifests.h"

namespace sluice::bench {
namespace {

constexpr size_t kCount = 500;

void SetBytes(benchmark::State& state, size_t bytes) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes));
}

void BM_ParseYamlStream(benchmark::State& state) {
  const std::string text = DeploymentStreamYaml(kCount);
  for (auto _ : state) benchmark::DoNotOptimize(value::ParseYamlStream(text));
  SetBytes(state, text.size());
}
BENCHMARK(BM_ParseYamlStream);

void BM_ParseKyaml(benchmark::State& state) {
  const std::string text = DeploymentStreamYaml(kCount);
  for (auto _ : state) benchmark::DoNotOptimize(value::ParseKyaml(text));
  SetBytes(state, text.size());
}
BENCHMARK(BM_ParseKyaml);

void BM_ParseYamlNodes(benchmark::State& state) {
  const std::string text = DeploymentStreamYaml(kCount);
  for (auto _ : state) benchmark::DoNotOptimize(value::ParseYamlNodes(text));
  SetBytes(state, text.size());
}
BENCHMARK(BM_ParseYamlNodes);

void BM_ParseJsonAsYaml(benchmark::State& state) {
  const std::string text = DeploymentListJson(kCount);
  for (auto _ : state) benchmark::DoNotOptimize(value::ParseYaml(text));
  SetBytes(state, text.size());
}
BENCHMARK(BM_ParseJsonAsYaml);

#ifdef SLUICE_BENCH_LIBYAML
void BM_LibyamlEvents(benchmark::State& state) {
  const std::string text = DeploymentStreamYaml(kCount);
  for (auto _ : state) {
    yaml_parser_t parser;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
    for (bool done = false; !done;) {
      yaml_event_t event;
      if (yaml_parser_parse(&parser, &event) == 0) break;
      done = event.type == YAML_STREAM_END_EVENT;
      yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
  }
  SetBytes(state, text.size());
}
BENCHMARK(BM_LibyamlEvents);
#endif

void BM_FormatYaml(benchmark::State& state) {
  std::vector<Value> objects;
  for (size_t i = 0; i < kCount; ++i) objects.push_back(Deployment(i));
  size_t bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    for (const Value& object : objects) bytes += value::FormatYaml(object).size();
    benchmark::DoNotOptimize(bytes);
  }
  SetBytes(state, bytes);
}
BENCHMARK(BM_FormatYaml);

void BM_FormatYamlNode(benchmark::State& state) {
  const auto documents = value::ParseYamlNodes(DeploymentStreamYaml(kCount)).value();
  size_t bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    for (const auto& document : documents) bytes += value::FormatYamlNode(*document).size();
    benchmark::DoNotOptimize(bytes);
  }
  SetBytes(state, bytes);
}
BENCHMARK(BM_FormatYamlNode);

}  // namespace
}  // namespace sluice::bench
