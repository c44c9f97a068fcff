// SPDX-License-Identifier: Apache-2.0
#include "common/helm/engine.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/gotmpl/template_set.h"
#include "common/helm/engine_error.h"
#include "common/helm/functions.h"
#include "common/helm/schemas.h"

namespace sluice::helm {
namespace {

using gotmpl::TemplateSet;
using gotmpl::Value;

// A template file, and what it is run with.
struct Renderable {
  std::string name;
  std::string base_path;
  const ChartFile* file;
  TablePointer data;  // shared by the files of a chart
};

bool IsPartial(absl::string_view name) { return absl::StartsWith(fs::BaseName(name), "_"); }

// The templates of the chart and those below it. `outer` is the data of the chart around it.
TablePointer Collect(const ChartNode& node, const Map& outer, Dialect dialect,
                     std::vector<Renderable>& templates) {
  auto subcharts = std::make_shared<Map>();
  auto data = std::make_shared<Map>();
  Map& members = *data;
  members["Chart"] = ChartObject(node, dialect);
  members["Files"] = FilesObject(*node.chart, dialect);
  members["Release"] = outer.at("Release");
  members["Capabilities"] = outer.at("Capabilities");
  members["Subcharts"] = FromTable(subcharts);
  const Value& values = outer.at("Values");
  if (node.is_root()) {
    members["Values"] = values;
  } else {
    const TablePointer own = FindTable(values.map(), node.name);
    members["Values"] = ValuesObject(own != nullptr ? own : std::make_shared<Map>(), dialect);
  }
  for (const ChartNode* const dependency : node.dependencies) {
    (*subcharts)[dependency->name] = FromTable(Collect(*dependency, members, dialect, templates));
  }
  const std::string path = node.FullPath();
  for (const ChartFile& file : node.chart->templates) {
    if (node.chart->metadata.is_library() && !IsPartial(file.name)) continue;
    templates.push_back({.name = absl::StrCat(path, "/", file.name),
                         .base_path = absl::StrCat(path, "/templates"),
                         .file = &file,
                         .data = data});
  }
  return data;
}

// Deeper files first, then the later names; of two of one name the last stays.
void Sort(std::vector<Renderable>& templates) {
  const auto depth = [](const Renderable& file) {
    return std::count(file.name.begin(), file.name.end(), '/');
  };
  std::reverse(templates.begin(), templates.end());
  std::stable_sort(templates.begin(), templates.end(),
                   [&](const Renderable& a, const Renderable& b) {
                     if (depth(a) != depth(b)) return depth(a) > depth(b);
                     return a.name > b.name;
                   });
  templates.erase(
      std::unique(templates.begin(), templates.end(),
                  [](const Renderable& a, const Renderable& b) { return a.name == b.name; }),
      templates.end());
}

absl::Status Parse(const Renderable& file, const RenderOptions& options, TemplateSet& set) {
  const absl::StatusOr<ParsedFile>* parsed =
      options.parsed == nullptr ? nullptr : options.parsed->Find(file.name);
  absl::StatusOr<ParsedFile> fresh;
  if (parsed == nullptr) {
    fresh = ParseFile(file.name, file.file->data, options.dialect);
    parsed = &fresh;
  }
  if (!parsed->ok()) return ParseError(file.name, parsed->status());
  set.Add(**parsed);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RenderedFiles> RenderTemplates(const Instance& instance, const TablePointer& values,
                                              const Target& target, const RenderOptions& options) {
  Map top;
  top["Release"] = ReleaseObject(target.release);
  top["Capabilities"] = CapabilitiesObject(
      target.capabilities.has_value() ? *target.capabilities : DefaultCapabilities(options.dialect),
      options.dialect);
  top["Values"] = ValuesObject(values, options.dialect);
  std::vector<Renderable> templates;
  Collect(instance.root(), top, options.dialect, templates);
  Sort(templates);

  TemplateSet set("gotpl", ChartFunctions(options.dialect),
                  options.strict ? gotmpl::MissingKey::kError : gotmpl::MissingKey::kZero);
  for (const Renderable& file : templates) RETURN_IF_ERROR(Parse(file, options, set));

  RenderSession session(options.limits, options.environment, options.lookup);
  RenderedFiles rendered;
  for (const Renderable& file : templates) {
    if (IsPartial(file.name)) continue;
    session.WillChange(file.data);
    (*file.data)["Template"] =
        ValuesObject(std::make_shared<Map>(Map{{"Name", Value::String(file.name)},
                                               {"BasePath", Value::String(file.base_path)}}),
                     options.dialect);
    std::string text;
    const absl::Status status =
        set.Execute(file.name, ValuesObject(file.data, options.dialect), session, text);
    if (!status.ok()) return ExecutionError(file.name, status, options.dialect);
    rendered.emplace(file.name, WithoutNoValue(std::move(text)));
  }
  if (options.used != nullptr) options.used->push_back(std::move(set));
  return rendered;
}

absl::StatusOr<RenderedFiles> Render(std::shared_ptr<const Chart> chart,
                                     const ::sluice::Value& values, const Target& target,
                                     const RenderOptions& options) {
  Instance instance(std::move(chart), {.dialect = options.dialect});
  RETURN_IF_ERROR(instance.ProcessDependencies(values));
  ASSIGN_OR_RETURN(const TablePointer coalesced, instance.Coalesce(values));
  RETURN_IF_ERROR(CheckSchemas(instance, coalesced, options));
  return RenderTemplates(instance, coalesced, target, options);
}

}  // namespace sluice::helm
