// Root causes: the input is a stream of objects, each of which is explained.

// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/explain/causes.h"
#include "common/explain/explain.h"
#include "common/value/yaml.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(explain, input) {
  const auto documents = value::ParseYamlStream(input);
  if (!documents.ok()) return;
  std::map<std::string, kube::ObjectPtr> objects;
  for (const value::YamlDocument& document : *documents) {
    objects.emplace(ssa::ObjectId::Of(document.value).ToString(),
                    std::make_shared<const Value>(document.value));
  }
  const explain::Cluster cluster = {[&](const ssa::ObjectId& id) {
                                      const auto found = objects.find(id.ToString());
                                      return found == objects.end() ? nullptr : found->second;
                                    },
                                    [&](const std::string&, const Value&) {
                                      std::vector<kube::ObjectPtr> pods;
                                      for (const auto& [id, object] : objects) {
                                        if (kube::GvkOf(*object).kind == "Pod")
                                          pods.push_back(object);
                                      }
                                      return pods;
                                    }};
  int asked = 0;
  for (const auto& [id, object] : objects) {
    if (++asked > 20) break;
    const auto found =
        explain::Explain(ssa::ObjectId::Of(*object), cluster, absl::FromUnixSeconds(1'700'000'000));
    if (!found.ok()) continue;
    Require(!found->path.empty(), "an explanation has a path", id);
    Require((found->verdict == explain::Verdict::kHealthy) == found->cause.empty(),
            "there is a cause unless all is well", found->summary);
  }
}

}  // namespace sluice::fuzz
