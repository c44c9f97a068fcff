// What a registry asks for: the WWW-Authenticate field (RFC 9110, 11.6.1).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/http/message.h"

namespace sluice::oci {

struct Challenge {
  enum class Scheme { kNone, kBasic, kBearer };

  Scheme scheme = Scheme::kNone;
  std::string realm;    // kBearer: the URL of the token service
  std::string service;  // may be empty
  std::string scope;    // may be empty
};

// The first Basic or Bearer challenge of a 401; nothing if there is none that is well formed.
std::optional<Challenge> FindChallenge(const http::Headers& headers);

}  // namespace sluice::oci
