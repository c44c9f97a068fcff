// ParsedChart: the templates of a chart and its dependencies, parsed once and shared by renderings.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/gotmpl/ast.h"
#include "common/helm/chart.h"

namespace sluice::helm {

// The templates that a file defines, itself among them.
using ParsedFile = std::map<std::string, std::shared_ptr<const gotmpl::Template>>;

// One file; the error of gotmpl::ParseTemplates() if it is no template.
absl::StatusOr<ParsedFile> ParseFile(absl::string_view name, absl::string_view text,
                                     Dialect dialect);

// Immutable, so that threads may share it.
class ParsedChart {
 public:
  // Parses all templates, under each name that a dependency may have, whether or not values will
  // switch it on. What cannot be parsed is told when it is used.
  ParsedChart(std::shared_ptr<const Chart> chart, Dialect dialect);

  const std::shared_ptr<const Chart>& chart() const { return chart_; }
  Dialect dialect() const { return dialect_; }
  // The file of that full name ("chart/charts/sub/templates/x.yaml"), null if it was not foreseen.
  const absl::StatusOr<ParsedFile>* Find(absl::string_view name) const;

 private:
  void ParseTree(const Chart& chart, const std::string& path, size_t depth);

  std::shared_ptr<const Chart> chart_;
  Dialect dialect_;
  std::map<std::string, absl::StatusOr<ParsedFile>, std::less<>> files_;
};

}  // namespace sluice::helm
