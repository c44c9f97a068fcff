// How the command line names our kinds, and what it shows of their objects.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/terminal.h"
#include "common/kube/gvk.h"
#include "common/value/value.h"

namespace sluice::cli {

enum class Column {
  kName,
  kRevision,
  kSource,
  kSuspended,
  kReady,
  kMessage,
  kLastScan,
  kImage,
  kTag,
  kLastRun,
  kAge,
};
absl::string_view ColumnTitle(Column column);

struct KindView {
  std::string group;               // "source", "image", or "" for kinds that stand alone
  std::vector<std::string> names;  // within the group, the first is the proper one: "git"
  std::string resource;            // kind: "GitRepository"
  std::vector<Column> columns;

  const kube::Resource& Resource() const;
  // As Flux's messages call it: "kustomization", "source git", "image policy".
  std::string HumanName() const;
};

// In the order in which `get all` shows them.
std::span<const KindView> AllViews();
const KindView* FindView(absl::string_view kind);

// What the words of a command line mean: kinds and, if one kind is named, maybe an object. Words
// may be joined by slashes, as for kubectl: "ks/app".
struct KindWords {
  std::vector<const KindView*> views;
  std::string name;
  bool all = false;  // a form that covers several kinds
};
// `verb` is for messages. A UsageError (connection.h) for words that are no kind.
absl::StatusOr<KindWords> ParseKindWords(absl::string_view verb,
                                         std::span<const std::string> words);

// One kind, and any number of objects of it, each once.
struct KindNames {
  const KindView* view = nullptr;
  std::vector<std::string> names;
};
absl::StatusOr<KindNames> ParseKindNames(absl::string_view verb,
                                         std::span<const std::string> words);

// The text of one cell, as Flux's CLI shows it (spec/cli.md §2). `now` is for ages.
std::string Cell(const Value& object, const KindView& view, Column column, absl::Time now,
                 const Style& style);

// Runs of 16 or more hex digits cut to 8: "main@sha1:0123456789abcdef…" to "main@sha1:01234567".
std::string ShortenHex(absl::string_view text);
// A condition of `object`, or nullptr.
const Value* FindCondition(const Value& object ABSL_ATTRIBUTE_LIFETIME_BOUND,
                           absl::string_view type);
bool ConditionIsTrue(const Value& object, absl::string_view type);
// A HelmRepository of type oci is only a name for a registry: no controller reports on it.
bool IsStatic(const Value& object);

// The Ready condition: "True", "False" or "Unknown"; "False" if there is none.
std::string ReadyStatus(const Value& object);
std::string ReadyMessage(const Value& object);
// The revision in use, "" if there is none.
std::string Revision(const Value& object);
bool Suspended(const Value& object);
// Ready for its present generation.
bool UpToDate(const Value& object);
Mark MarkOf(const Value& object);

}  // namespace sluice::cli
