// Indexes of chart repositories: cut into pieces, read, put into the stored form, looked up. How
// the bytes arrive makes no difference, and an index that can be read whole and in pieces is the
// same both times.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/helm_repository/chart_versions.h"
#include "common/helm_repository/index_assembler.h"
#include "common/helm_repository/index_splitter.h"
#include "common/value/json.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

namespace {

using helm_repository::IndexPiece;
using helm_repository::SplitOptions;

// The stored form of `index`, fed `block` bytes at a time.
absl::StatusOr<std::string> Store(absl::string_view index, const SplitOptions& options,
                                  size_t block) {
  std::string file;
  helm_repository::IndexAssembler assembler;
  helm_repository::IndexSplitter splitter(options);
  const auto emit = [&](IndexPiece piece) -> absl::Status {
    ASSIGN_OR_RETURN(helm_repository::ReadPiece read, helm_repository::Read(piece));
    return assembler.Add(std::move(read), [&file](absl::string_view bytes) {
      file.append(bytes.data(), bytes.size());
      return absl::OkStatus();
    });
  };
  for (; !index.empty(); index.remove_prefix(std::min(block, index.size()))) {
    RETURN_IF_ERROR(splitter.Feed(index.substr(0, block), emit));
  }
  RETURN_IF_ERROR(splitter.Finish(emit));
  ASSIGN_OR_RETURN(const std::vector<helm_repository::Segment> segments, assembler.Finish());
  std::string text;
  for (const helm_repository::Segment& segment : segments) {
    absl::StrAppend(&text, segment.text, file.substr(segment.begin, segment.size));
  }
  return text;
}

void LookUp(const std::string& stored) {
  const auto parsed = value::ParseJson(stored);
  Require(parsed.ok(), "the stored form is JSON", stored);
  size_t charts = 0;
  for (const value::Member& entry : (*parsed)["entries"].members()) {
    if (++charts > 20) break;
    helm_repository::ChartFinder finder(entry.key);
    for (absl::string_view rest = stored; !rest.empty();
         rest.remove_prefix(std::min<size_t>(5, rest.size()))) {
      const auto more = finder.Feed(rest.substr(0, 5));
      Require(more.ok(), "a stored index can be searched", stored);
      if (!*more) break;
    }
    const auto found = finder.Finish();
    Require(found.ok(), "a stored chart can be read", stored);
    Require(found->has_value() && (*found)->size() == entry.value.size(),
            "a stored chart is found with all of its versions", entry.key);
  }
}

}  // namespace

FUZZ_TARGET(helm_index, input) {
  const auto whole = Store(input, {}, 4096);
  const auto bytewise = Store(input, {}, 1);
  Require(whole.ok() == bytewise.ok(), "blocks make no difference");
  if (whole.ok()) {
    Require(*whole == *bytewise, "blocks make no difference", *bytewise);
    LookUp(*whole);
  } else {
    Require(!whole.status().message().empty(), "an error says something");
  }
  const SplitOptions small = {.whole = 16, .piece = 32, .most = 1 << 16};
  const auto pieces = Store(input, small, 7);
  const auto other = Store(input, small, 64);
  Require(pieces.ok() == other.ok(), "blocks make no difference to pieces");
  if (!pieces.ok()) return;
  Require(*pieces == *other, "blocks make no difference to pieces", *other);
  LookUp(*pieces);
  // Where a quoted text goes on is not seen by who cuts lines.
  const bool quoted = input.find_first_of("\"'") != absl::string_view::npos;
  if (whole.ok() && !quoted) Require(*pieces == *whole, "pieces make no difference", *pieces);
}

}  // namespace sluice::fuzz
