// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/warnings.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/devapi/builtin_validation/field.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

class PodWarnings {
 public:
  explicit PodWarnings(std::vector<std::string>& warnings) : warnings_(warnings) {}

  void Look(const Field& spec) {
    const Field secrets = spec["imagePullSecrets"];
    for (size_t i = 0; i < secrets.value.size(); ++i) {
      const Field secret = secrets.At(i);
      const Field name = secret["name"];
      if (name.str().empty()) Warn(name.path, "invalid empty name \"\"");
    }
    for (const char* list : {"initContainers", "containers"}) {
      const Field containers = spec[list];
      for (size_t i = 0; i < containers.value.size(); ++i) LookAtContainer(containers.At(i));
    }
  }

 private:
  void LookAtContainer(const Field& container) {
    const Field variables = container["env"];
    std::map<std::string, size_t> names;
    for (size_t i = 0; i < variables.value.size(); ++i) {
      const Field variable = variables.At(i);
      const absl::string_view name = variable.value["name"].str();
      if (!names.emplace(name, i).second) {
        Warn(variable.path,
             absl::StrCat("hides previous definition of ", value::FormatJson(Value(name)),
                          ", which may be dropped when using apply"));
      }
    }
    const Field ports = container["ports"];
    std::map<std::string, std::string> taken;
    for (size_t i = 0; i < ports.value.size(); ++i) {
      const Field port = ports.At(i);
      const std::string key =
          absl::StrCat(port.value["containerPort"].int_or(0), "/", port.value["protocol"].str(),
                       "/", port.value["hostPort"].int_or(0), "/", port.value["hostIP"].str());
      const auto [first, added] = taken.emplace(key, port.path.ToString());
      if (!added) {
        Warn(port.path, absl::StrCat("duplicate port definition with ", first->second));
      }
    }
  }

  void Warn(const FieldPath& path, absl::string_view text) {
    warnings_.push_back(absl::StrCat(path.ToString(), ": ", text));
  }

  std::vector<std::string>& warnings_;
};

struct Row {
  absl::string_view group;
  absl::string_view kind;
  absl::string_view pod_spec;  // where the kind has it
};

constexpr Row kRows[] = {
    {"", "Pod", "spec"},
    {"", "PodTemplate", "template.spec"},
    {"", "ReplicationController", "spec.template.spec"},
    {"apps", "DaemonSet", "spec.template.spec"},
    {"apps", "Deployment", "spec.template.spec"},
    {"apps", "ReplicaSet", "spec.template.spec"},
    {"apps", "StatefulSet", "spec.template.spec"},
    {"batch", "CronJob", "spec.jobTemplate.spec.template.spec"},
    {"batch", "Job", "spec.template.spec"},
};

}  // namespace

std::vector<std::string> BuiltinWarnings(absl::string_view group, absl::string_view kind,
                                         const Value& object) {
  std::vector<std::string> warnings;
  for (const Row& row : kRows) {
    if (row.group != group || row.kind != kind) continue;
    const Value* spec = &object;
    for (absl::string_view name : absl::StrSplit(row.pod_spec, '.')) spec = &(*spec)[name];
    PodWarnings(warnings).Look({*spec, FieldPath::Base(row.pod_spec)});
  }
  return warnings;
}

}  // namespace sluice::devapi
