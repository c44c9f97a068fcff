// What a Git server says first: its protocol version, what it can do and, in version 0, its
// references; and version 2's answer to ls-refs (gitprotocol-pack, gitprotocol-v2).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/git/object_id.h"
#include "common/git/pkt_line.h"

namespace sluice::git {

struct RemoteRef {
  std::string name;  // "HEAD", "refs/heads/main", ...
  ObjectId id;
  std::optional<ObjectId> peeled;  // annotated tags: the object that the tag leads to in the end
  std::string symref_target;       // of a symbolic reference, where the server tells

  // The commit, for all that is a branch or a tag of one.
  const ObjectId& Commit() const { return peeled.has_value() ? *peeled : id; }
};

struct Advertisement {
  int version = 0;                                  // 0 (1 differs in nothing else) or 2
  std::map<std::string, std::string> capabilities;  // name to value, "" without one
  std::vector<RemoteRef> refs;                      // version 0

  bool Has(absl::string_view capability) const;
  // Whether the space separated value of `capability` has `word`: version 2's "fetch=shallow".
  bool Has(absl::string_view capability, absl::string_view word) const;
};

// What one listing may have: so many references, and so many bytes of their names.
class RefBudget {
 public:
  explicit RefBudget(size_t max_refs) : max_refs_(max_refs) {}

  // Counts a reference and the names that its line holds. kResourceExhausted if it is too much.
  absl::Status Take(size_t name_bytes);
  size_t seen() const { return seen_; }

 private:
  size_t max_refs_;
  size_t seen_ = 0;
  size_t bytes_ = 0;
};

// Reads the packets of an advertisement, with or without the "# service" preamble that HTTP puts
// before it. References whose names Git would refuse are left out.
class AdvertisementReader {
 public:
  explicit AdvertisementReader(size_t max_refs) : budget_(max_refs) {}

  // kResourceExhausted beyond `max_refs` references, kInvalidArgument for what is no advertisement,
  // and the server's own error (an "ERR" packet) as ErrorFromRemote() maps it.
  absl::Status Take(const Packet& packet);
  bool done() const { return done_; }
  Advertisement& result() { return result_; }

 private:
  absl::Status TakeRef(absl::string_view payload);

  RefBudget budget_;
  bool first_ = true;      // nothing read yet
  bool preamble_ = false;  // within "# service=..."
  bool has_capabilities_ = false;
  bool done_ = false;
  Advertisement result_;
};

// Reads the packets of an answer to ls-refs.
class RefListReader {
 public:
  explicit RefListReader(size_t max_refs) : budget_(max_refs) {}
  absl::Status Take(const Packet& packet);
  bool done() const { return done_; }
  std::vector<RemoteRef>& result() { return refs_; }

 private:
  RefBudget budget_;
  bool done_ = false;
  std::vector<RemoteRef> refs_;
};

// Whether Git accepts `name` as a full reference name (git-check-ref-format), or it is "HEAD".
bool IsValidRefName(absl::string_view name);

// A server's complaint as an error: kNotFound with Flux's "repository not found" where the text is
// how a known server says so, otherwise kFailedPrecondition quoting it.
absl::Status ErrorFromRemote(absl::string_view text);

}  // namespace sluice::git
