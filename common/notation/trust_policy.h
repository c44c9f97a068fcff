// trustpolicy.json of the Notary Project (trust policy 1.0): whose signatures count for which
// repositories, and how much.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::notation {

// What becomes of a check that fails.
enum class Action { kEnforce, kLog, kSkip };

struct Level {
  std::string name;  // "strict", "permissive", "audit", "skip"
  // Integrity is always enforced but for "skip".
  Action authenticity = Action::kEnforce;
  Action authentic_timestamp = Action::kEnforce;
  Action expiry = Action::kEnforce;
  Action revocation = Action::kEnforce;

  bool skips() const { return name == "skip"; }
};

// The attributes of a distinguished name, "C" to "DE".
using NameAttributes = std::map<std::string, std::string>;

struct Statement {
  std::string name;
  std::vector<std::string> scopes;  // "registry/repository", or "*" alone
  Level level;
  std::vector<std::string> stores;         // "ca:name", "signingAuthority:name"
  std::vector<NameAttributes> identities;  // empty: anybody
};

class TrustPolicy {
 public:
  // kInvalidArgument, worded as notation-go 1.3 where it validates. Stores and identities of a
  // statement of level "skip" are left out, as Flux does.
  static absl::StatusOr<TrustPolicy> Parse(absl::string_view json);

  // The statement about a repository, "registry/path"; null if there is none.
  const Statement* For(absl::string_view repository) const;

 private:
  std::vector<Statement> statements_;
};

// "C=US, ST=WA, O=Example": at most one of each attribute (RFC 4514), "S" is "ST". kInvalidArgument
// for what is no name.
absl::StatusOr<NameAttributes> ParseName(absl::string_view text);

}  // namespace sluice::notation
