// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/kinds/resource.h"

#include <algorithm>

namespace sluice::devapi {

std::pair<std::string, std::string> SplitApiVersion(absl::string_view api_version) {
  const size_t slash = api_version.find('/');
  if (slash == absl::string_view::npos) return {"", std::string(api_version)};
  return {std::string(api_version.substr(0, slash)), std::string(api_version.substr(slash + 1))};
}

bool Resource::HasVerb(absl::string_view verb) const {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

const Subresource* Resource::FindSubresource(absl::string_view name) const {
  for (const Subresource& subresource : subresources) {
    if (subresource.name == name) return &subresource;
  }
  return nullptr;
}

}  // namespace sluice::devapi
