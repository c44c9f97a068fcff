// The engine: a chart and values in, the text of each template out.
//
//   ASSIGN_OR_RETURN(const auto chart, LoadFiles(files, {.dialect = dialect}));
//   ASSIGN_OR_RETURN(const RenderedFiles files,
//                    Render(chart, user_values, {.release = {.name = "web"}}, {}));
//
// Or step by step, where more than the texts is wanted: Instance (instance.h), then
// RenderTemplates(). What `helm template` makes of the texts is in manifests.h.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/gotmpl/environment.h"
#include "common/gotmpl/session.h"
#include "common/gotmpl/template_set.h"
#include "common/helm/capabilities.h"
#include "common/helm/chart.h"
#include "common/helm/instance.h"
#include "common/helm/lookup.h"
#include "common/helm/objects.h"
#include "common/helm/parsed_chart.h"
#include "common/value/value.h"

namespace sluice::helm {

// What the chart is rendered for.
struct Target {
  Release release;
  // None: those of DefaultCapabilities().
  std::optional<Capabilities> capabilities;
};

struct RenderOptions {
  Dialect dialect = Dialect::kHelm4;
  bool strict = false;    // a key that a map does not have is an error
  gotmpl::Limits limits;  // of all templates together
  // What functions ask for the time, for chance and for addresses; not owned, outlives the call and
  // is used by its thread. Null: those functions fail.
  gotmpl::Environment* environment = nullptr;
  Lookup* lookup = nullptr;  // not owned; null finds nothing
  bool skip_schema = false;  // Render() only: values.schema.json is not looked at
  // Templates of the chart that are parsed already; not owned, may be null.
  const ParsedChart* parsed = nullptr;
  // Takes the parsed templates when they are done with; not owned, may be null. For programs that
  // end next, as taking large charts apart is a fifth of the work.
  std::vector<gotmpl::TemplateSet>* used = nullptr;
};

// By the template's path, "chart/templates/x.yaml"; NOTES.txt is among them, those whose names
// begin with "_" are not.
using RenderedFiles = std::map<std::string, std::string>;

// All of it: dependencies, values, schema, templates. `values` are the user's (instance.h).
absl::StatusOr<RenderedFiles> Render(std::shared_ptr<const Chart> chart, const Value& values,
                                     const Target& target, const RenderOptions& options);

// The templates of an instance whose dependencies are processed, with the values that it coalesced.
// `values` may be changed by the templates. Safe to call from several threads for instances of one
// chart. kInvalidArgument with Helm's words if a template cannot be parsed or fails,
// kResourceExhausted at a limit.
absl::StatusOr<RenderedFiles> RenderTemplates(const Instance& instance, const TablePointer& values,
                                              const Target& target, const RenderOptions& options);

}  // namespace sluice::helm
