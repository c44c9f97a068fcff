// From the pieces of an index to its stored form, without holding it: the versions' texts go to a
// file in the order in which they come, and the plan says in which order they are to be read.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/helm_repository/index_decoder.h"
#include "common/helm_repository/index_splitter.h"
#include "common/semver/version.h"

namespace sluice::helm_repository {

// A piece as it was read. Versions that Helm does not take are left out.
struct ReadPiece {
  struct Version {
    semver::Version version;
    size_t begin;  // of its text in `texts`
    size_t size;
  };
  struct Chart {
    std::string name;  // "" with kVersions: the last chart of the piece before
    bool is_null = false;
    std::vector<Version> versions;
  };
  IndexPiece::Kind kind = IndexPiece::Kind::kDocument;
  bool json = false;
  IndexHead head;  // kDocument and kHead
  std::vector<Chart> charts;
  std::string texts;  // the versions' stored forms, each with ",\n" behind it
};

// Pure, so that pieces can be read side by side. kInvalidArgument with the reference's words if it
// cannot be read.
absl::StatusOr<ReadPiece> Read(const IndexPiece& piece);

// A part of the stored form: `text` as it is, then `size` bytes of the file from `begin` on.
struct Segment {
  std::string text;
  uint64_t begin = 0;
  uint64_t size = 0;
};

// Not thread-safe.
class IndexAssembler {
 public:
  using Spool = absl::FunctionRef<absl::Status(absl::string_view bytes)>;

  // Pieces in the order of the text. `spool` appends to the file. kInvalidArgument for a chart that
  // is there twice.
  absl::Status Add(ReadPiece piece, Spool spool);

  // The stored form. kInvalidArgument if the index has no API version.
  absl::StatusOr<std::vector<Segment>> Finish();

  size_t charts() const { return charts_.size(); }
  size_t versions() const { return versions_; }

 private:
  struct Run {  // of the file
    uint64_t begin;
    uint64_t size;
  };
  struct Placed {
    semver::Version version;
    Run run;
  };
  // The chart that is being read is complete: its versions, the newest first.
  void CloseChart();

  IndexHead head_;
  bool open_ = false;
  std::string open_name_;
  bool open_is_null_ = false;
  std::vector<Placed> open_versions_;
  std::map<std::string, std::vector<Run>> charts_;
  std::map<std::string, bool> null_charts_;
  uint64_t written_ = 0;
  size_t versions_ = 0;
};

}  // namespace sluice::helm_repository
