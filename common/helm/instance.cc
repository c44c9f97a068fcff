// SPDX-License-Identifier: Apache-2.0
#include "common/helm/instance.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace sluice::helm {

std::string ChartNode::FullPath() const {
  return is_root() ? name : absl::StrCat(parent->FullPath(), "/charts/", name);
}

Instance::Instance(std::shared_ptr<const Chart> chart, const InstanceOptions& options)
    : options_(options), budget_(options.copied_values) {
  absl::StatusOr<ChartNode*> root = AddNode(std::move(chart), nullptr);
  if (root.ok()) {
    root_ = *root;
  } else {
    status_ = root.status();
    root_ = &nodes_.front();
  }
}

absl::StatusOr<ChartNode*> Instance::AddNode(std::shared_ptr<const Chart> chart,
                                             ChartNode* parent) {
  if (nodes_.size() >= options_.nodes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the chart has more than ", options_.nodes, " dependencies"));
  }
  ChartNode& node = nodes_.emplace_back();
  node.name = chart->metadata.name;
  node.parent = parent;
  if (chart->metadata.declares_dependencies) {
    auto& declared = node.declared.emplace();
    for (const Dependency& dependency : chart->metadata.dependencies) {
      declared.push_back(std::make_shared<Dependency>(dependency));
    }
  }
  node.chart = std::move(chart);
  for (const std::shared_ptr<const Chart>& dependency : node.chart->dependencies) {
    ASSIGN_OR_RETURN(ChartNode* const below, AddNode(dependency, &node));
    node.dependencies.push_back(below);
  }
  return &node;
}

}  // namespace sluice::helm
