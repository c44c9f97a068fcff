// SPDX-License-Identifier: Apache-2.0
#include "common/helm/parsed_chart.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/gotmpl/parser.h"
#include "common/helm/functions.h"

namespace sluice::helm {
namespace {

// A bound on charts that use each other under many names; what is beyond is parsed when it is used.
constexpr size_t kMaxFiles = 20'000;
constexpr size_t kMaxDepth = 64;

}  // namespace

absl::StatusOr<ParsedFile> ParseFile(absl::string_view name, absl::string_view text,
                                     Dialect dialect) {
  return gotmpl::ParseTemplates(name, text, ChartFunctions(dialect));
}

ParsedChart::ParsedChart(std::shared_ptr<const Chart> chart, Dialect dialect)
    : chart_(std::move(chart)), dialect_(dialect) {
  ParseTree(*chart_, chart_->metadata.name, 0);
}

void ParsedChart::ParseTree(const Chart& chart, const std::string& path, size_t depth) {
  if (depth > kMaxDepth) return;
  for (const ChartFile& file : chart.templates) {
    if (files_.size() >= kMaxFiles) return;
    std::string name = absl::StrCat(path, "/", file.name);
    absl::StatusOr<ParsedFile> parsed = ParseFile(name, file.data, dialect_);
    files_.emplace(std::move(name), std::move(parsed));
  }
  for (const auto& below : chart.dependencies) {
    bool named = false;
    for (const Dependency& dependency : chart.metadata.dependencies) {
      if (dependency.name != below->metadata.name) continue;
      named = true;
      const std::string& name = dependency.alias.empty() ? dependency.name : dependency.alias;
      ParseTree(*below, absl::StrCat(path, "/charts/", name), depth + 1);
    }
    if (!named) {
      ParseTree(*below, absl::StrCat(path, "/charts/", below->metadata.name), depth + 1);
    }
  }
}

const absl::StatusOr<ParsedFile>* ParsedChart::Find(absl::string_view name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace sluice::helm
