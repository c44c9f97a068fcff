// Chart: what a chart's files say, as they were loaded. What a rendering makes of it (dependencies
// switched off, values merged) is in instance.h.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/value/value.h"

namespace sluice::helm {

// Whose behaviour is wanted where the two differ: Helm 4.2.2, which Flux 2.9's helm-controller
// has, or Helm 3.22.0.
enum class Dialect : uint8_t { kHelm4, kHelm3 };

// A file by its path in the chart, "/" between elements.
struct ChartFile {
  std::string name;
  std::string data;
};

struct Maintainer {
  std::string name;
  std::string email;
  std::string url;
};

// An entry of `dependencies`.
struct Dependency {
  std::string name;
  std::string version;  // a range
  std::string repository;
  std::string condition;
  std::vector<std::string> tags;
  bool enabled = false;
  std::vector<Value> import_values;  // texts, and objects with `child` and `parent`
  std::string alias;
};

// Chart.yaml.
struct Metadata {
  std::string name;
  std::string home;
  std::vector<std::string> sources;
  std::string version;
  std::string description;
  std::vector<std::string> keywords;
  std::vector<Maintainer> maintainers;
  std::string icon;
  std::string api_version;
  std::string condition;
  std::string tags;
  std::string app_version;
  bool deprecated = false;
  std::map<std::string, std::string> annotations;
  std::string kube_version;  // a constraint
  std::vector<Dependency> dependencies;
  bool declares_dependencies = false;  // there is a list, be it empty
  bool has_null_maintainer = false;    // an entry of the list is null, which no chart may have
  bool has_null_dependency = false;
  std::string type;  // "", "application" or "library"

  bool is_library() const;
};

// Immutable once loaded, so that threads may share it.
struct Chart {
  Metadata metadata;
  std::optional<Value> lock;            // Chart.lock or requirements.lock
  std::vector<ChartFile> templates;     // below templates/
  std::vector<ChartFile> files;         // all that has no other place; crds/ too
  Value values = Value::EmptyObject();  // values.yaml; numbers are doubles
  std::optional<std::string> schema;    // values.schema.json
  // What is below charts/, by the name of the folder or archive there.
  std::vector<std::shared_ptr<const Chart>> dependencies;
  // What the loader had to remark, of the charts below too.
  std::vector<std::string> warnings;
};

}  // namespace sluice::helm
