// A list of tags that comes in pages.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/http/message.h"
#include "common/oci/client.h"

namespace sluice::oci {

class TagPages {
 public:
  explicit TagPages(const ClientLimits& limits) : limits_(limits) {}

  // Takes in the page at `url` and returns the URL of the next one, empty behind the last.
  // kInvalidArgument if it is no page, kFailedPrecondition if the next one is on another host or
  // was there before, kResourceExhausted beyond a limit.
  absl::StatusOr<std::string> Add(absl::string_view url, const http::Response& page);

  std::vector<std::string> Tags() && { return std::move(tags_); }

 private:
  const ClientLimits limits_;
  std::vector<std::string> tags_;
  size_t bytes_ = 0;
  std::set<std::string> seen_;  // URLs
};

}  // namespace sluice::oci
