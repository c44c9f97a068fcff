// ResolvingEnvironment: SystemEnvironment with addresses of hosts, Helm's --enable-dns.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/template_environment/system_environment.h"

namespace sluice::template_environment {

// In a file of its own, as static programs cannot look up hosts. Thread-safe.
class ResolvingEnvironment : public SystemEnvironment {
 public:
  // Blocks as long as the system's resolver does.
  std::optional<std::vector<std::string>> FindAddresses(absl::string_view host) override;
};

}  // namespace sluice::template_environment
