// The drafts of JSON Schema and what tells them apart.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::jsonschema {

struct Draft {
  int version;            // 4, 6, 7, 2019, 2020
  absl::string_view url;  // of its metaschema
  absl::string_view id;   // the keyword that names a schema
  // Of drafts that have vocabularies: the prefix of their URLs, those there are, and those in force
  // for schemas that name none.
  absl::string_view vocabulary_prefix;
  std::span<const absl::string_view> vocabularies;
  std::span<const absl::string_view> default_vocabularies;

  // The URL by which `schema`, an object, calls itself, without a fragment; empty if it does not.
  absl::string_view IdOf(const Value& schema) const;
};

extern const std::span<const Draft> kDrafts;  // oldest first

const Draft& LatestDraft();
// The draft that a $schema names; null if it is none of ours.
const Draft* DraftByUrl(absl::string_view url);

// Where subschemas stand in a schema.
struct SubschemaKeyword {
  absl::string_view name;
  int since;  // the draft's version
  bool itself, members, items;
};
extern const std::span<const SubschemaKeyword> kSubschemaKeywords;

// What applies to a schema resource.
struct Dialect {
  const Draft* draft = nullptr;
  // Named by a metaschema of the user's; nothing means the draft's own.
  std::optional<std::vector<std::string>> vocabularies;

  bool Has(absl::string_view vocabulary) const;
};

// The drafts' own schemas, of which only what has an effect is kept: the text at `url`, empty if
// there is none.
absl::string_view MetaschemaText(absl::string_view url);

}  // namespace sluice::jsonschema
