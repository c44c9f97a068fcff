// An index as Go's json.MarshalIndent(index, "", "  ") prints Helm's IndexFile: the form in which
// it is stored (spec/source.md §4.1).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "common/helm_repository/chart_entry.h"
#include "common/helm_repository/index_decoder.h"

namespace sluice::helm_repository {

// One version inside a chart's list, at its indentation, without a comma or line break at the end.
void AppendEntry(const ChartEntry& entry, std::string& out);

// What stands before the first chart, and after the last one. The charts go between:
//
//   <newline>    "name": [<newline><versions, joined by ",\n"><newline>    ]
//
// joined by ",". An index without charts has nothing between them.
std::string IndexHeadText(const IndexHead& head, bool has_charts);
std::string IndexTailText(const IndexHead& head, bool has_charts);

}  // namespace sluice::helm_repository
