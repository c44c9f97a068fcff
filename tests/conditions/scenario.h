// One recorded scenario: what is applied, and what Flux's controllers made of it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::conditions {

// What stands where the recording has a mask.
struct Placeholders {
  std::string git_url;
  std::string commit;    // "<sha1>" in a spec: a commit that the repository has
  std::string duration;  // "<dur>" in a spec: the timeouts
};

struct Scenario {
  std::string name;
  // Namespaces are part of the names of objects that controllers make, so it is the recording's.
  std::string ns;
  std::vector<Value> objects;  // in the order to apply them, in `ns`
  Value recorded;

  // Whether the API server is to refuse one of `objects`.
  bool refused() const { return recorded.Has("refused"); }
};

// The scenario in the folder `path`. kInvalidArgument, naming the file, for what cannot be read.
absl::StatusOr<Scenario> LoadScenario(const std::string& path, const Placeholders& placeholders);

// The scenarios of which we know that they are not as recorded, from a file of lines "KIND NAME
// reason…"; NAME may end in "*". KIND is "skip" (not run), "differs" (run, and no longer to be
// listed once it is equal) or "varies" (run; equal or not from one time to the next). Empty lines
// and those that begin with "#" say nothing.
class KnownDifferences {
 public:
  enum class Kind { kSkip, kDiffers, kVaries };
  struct Entry {
    Kind kind;
    std::string name;
    std::string reason;
  };

  static absl::StatusOr<KnownDifferences> Parse(absl::string_view text);

  // The first that is about `scenario`, or nullptr.
  const Entry* Find(absl::string_view scenario) const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace sluice::conditions
