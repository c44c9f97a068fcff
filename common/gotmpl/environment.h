// What functions of a template may ask of the world: the time, chance, time zones and addresses.
// The engine has none of these itself; who runs a rendering gives them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice::gotmpl {

// Used by one thread at a time unless the implementation says more.
class Environment {
 public:
  virtual ~Environment() = default;

  virtual absl::Time Now() = 0;
  // That nobody can guess: keys and passwords are made of them.
  virtual std::string RandomBytes(size_t count) = 0;
  // The zone of the IANA name ("Europe/Berlin"); nothing if there is none. "UTC" and "Local", which
  // is UTC as in a container, are not asked for. `name` is from the template.
  virtual std::optional<absl::TimeZone> FindTimeZone(absl::string_view name) = 0;
  // The addresses of a host, none if it has none. Nothing at all where rendering must not look up
  // names, as is the default of Helm.
  virtual std::optional<std::vector<std::string>> FindAddresses(absl::string_view host) {
    static_cast<void>(host);
    return std::nullopt;
  }
};

}  // namespace sluice::gotmpl
