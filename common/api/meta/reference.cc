// SPDX-License-Identifier: Apache-2.0
#include "common/api/meta/reference.h"

#include "common/api/meta/decode.h"
#include "common/kube/gvk.h"

namespace sluice::api {

std::vector<Dependency> DecodeDependencies(absl::string_view own_group, absl::string_view own_kind,
                                           const std::string& ns, const Value& list) {
  std::vector<Dependency> result;
  for (const Value& item : list.items()) {
    Dependency dependency = {{OrDefault(item["namespace"], ns), Text(item["name"])},
                             Text(item["readyExpr"]),
                             Text(item["apiVersion"]),
                             Text(item["kind"])};
    const std::string group = kube::SplitApiVersion(dependency.api_version).first;
    if (dependency.kind == own_kind && (dependency.api_version.empty() || group == own_group)) {
      dependency.kind.clear();
    }
    result.push_back(std::move(dependency));
  }
  return result;
}

}  // namespace sluice::api
