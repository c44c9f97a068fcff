// Cuts the text of a large index into pieces that can be read one by one.
//
// An index is one map whose member "entries" holds nearly all of it: charts by name, each a list of
// versions. In YAML's block style a cut is possible wherever a line at the right indentation begins
// a chart or a version; in JSON after the comma that follows one. Strings that run over several
// lines could hold such a line, too: then the piece before the cut ends inside a string and cannot
// be read, so that no cut goes unnoticed that should not be there.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace sluice::helm_repository {

struct IndexPiece {
  enum class Kind : uint8_t {
    kDocument,  // everything
    kHead,      // a document without its charts: "entries" is there, but null
    kCharts,    // a map of charts
    kVersions,  // more versions of the last chart of the piece before
  };
  Kind kind = Kind::kDocument;
  bool json = false;
  std::string text;
  size_t first_line = 1;  // of the piece in the index, for messages
};

struct SplitOptions {
  // An index up to this size is one piece. Bytes.
  size_t whole = size_t{1} << 20;
  // A piece is cut as soon as it can be once it is larger than this.
  size_t piece = size_t{384} << 10;
  // kResourceExhausted if a piece that cannot be cut grows larger than this.
  size_t most = size_t{16} << 20;
};

// Not thread-safe. Holds one piece at a time.
class IndexSplitter {
 public:
  using Emit = absl::FunctionRef<absl::Status(IndexPiece piece)>;

  explicit IndexSplitter(const SplitOptions& options) : options_(options) {}

  // The pieces come in the order of the text, but for the head, which comes last. Errors are
  // `emit`'s, or kResourceExhausted.
  absl::Status Feed(absl::string_view bytes, Emit emit);
  absl::Status Finish(Emit emit);

 private:
  enum class Place : uint8_t { kHead, kCharts };

  absl::Status Cut(Emit emit);
  absl::Status CheckSize() const;
  absl::Status FeedYaml(Emit emit);
  absl::Status YamlLine(absl::string_view line, Emit emit);
  absl::Status FeedJson(Emit emit);
  absl::Status JsonByte(char c, Emit emit);
  absl::Status EmitJson(absl::string_view before, absl::string_view after, Emit emit);
  void BeginPiece(IndexPiece::Kind kind);

  const SplitOptions options_;
  std::string start_;     // until it is known that the index is large
  bool large_ = false;
  bool json_ = false;
  std::string rest_;      // YAML: a line whose end has not come yet
  std::string head_;
  IndexPiece piece_;
  Place place_ = Place::kHead;
  bool had_charts_ = false;
  size_t line_ = 0;       // lines seen
  // YAML: indentation of the charts' names and of the versions of the chart that is being read;
  // npos before the first.
  size_t chart_indent_ = std::string::npos;
  size_t version_indent_ = std::string::npos;
  // JSON.
  size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool at_key_ = false;   // in the outermost object: a key comes or is being read
  std::string key_;
  bool after_cut_ = false;  // the comma that follows is dropped
};

}  // namespace sluice::helm_repository
