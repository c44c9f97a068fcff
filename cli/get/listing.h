// `get` as text: from objects to what is printed. Pure, so that goldens can hold it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/kinds.h"
#include "cli/terminal.h"
#include "common/kube/object.h"

namespace sluice::cli {

// The objects of one kind.
struct Section {
  const KindView* view = nullptr;
  std::vector<kube::ObjectPtr> objects;
};

struct ListingOptions {
  bool with_namespace = false;  // -A
  bool with_kind = false;       // names as "kustomization/app"; for several kinds in one listing
  bool with_header = true;
  bool wide = false;  // also source and age
};

// Tables, an empty line between kinds; kinds without objects are left out.
std::string FormatListing(std::span<const Section> sections, const ListingOptions& options,
                          absl::Time now, const Style& style);

// "json", "yaml" or "name" of the same objects. A single one stands alone, several in a List.
std::string FormatObjects(std::span<const Section> sections, absl::string_view format, bool single);

// --status-selector: "type=status" or "type!=status", the status without case.
struct StatusSelector {
  // A UsageError for anything else.
  static absl::StatusOr<StatusSelector> Parse(absl::string_view text);
  bool Matches(const Value& object) const;

  std::string type;
  std::string status;  // lower case
  bool equal = true;
};

}  // namespace sluice::cli
