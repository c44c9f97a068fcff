// Which draft, and of its vocabularies which, a schema is written in.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/jsonschema/documents.h"
#include "common/jsonschema/url.h"
#include "common/text/quote.h"

namespace sluice::jsonschema {

using text::Quote;

absl::StatusOr<const Draft*> Documents::DraftOf(absl::string_view url, absl::string_view pointer,
                                                const Value& schema, const Draft& fallback) {
  std::string at_url(url), at_pointer(pointer);
  std::shared_ptr<const JsonText> holder;  // of `at`, if it is another document
  const Value* at = &schema;
  // A metaschema of the user's has a metaschema, and so on up to a draft.
  absl::flat_hash_set<std::string> seen;
  while (true) {
    const Value& named = (*at)["$schema"];
    if (!named.is_string()) return &fallback;
    if (const Draft* draft = DraftByUrl(named.str())) return draft;
    const std::string next(SplitFragment(named.str()).first);
    if (const absl::StatusOr<Url> parsed = Url::Parse(next); !parsed.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "invalid $schema in ", Quote(absl::StrCat(at_url, "#", EscapePointer(at_pointer))), ": ",
          parsed.status().message()));
    }
    if (at_pointer.empty() && next == at_url) {
      return absl::InvalidArgumentError(absl::StrCat("draft ", Quote(next), " is not supported"));
    }
    if (!seen.insert(next).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("cycle in resolving $schema in ", Quote(next)));
    }
    ASSIGN_OR_RETURN(holder, Read(next));
    at = &holder->value;
    at_url = next;
    at_pointer.clear();
  }
}

absl::StatusOr<Dialect> Documents::DialectOf(const Value& schema, const Draft& draft) {
  Dialect dialect{&draft, {}};
  const absl::string_view named = schema["$schema"].str();
  if (DraftByUrl(named) != nullptr) return dialect;
  const std::string url(SplitFragment(named).first);
  ASSIGN_OR_RETURN(const std::shared_ptr<const JsonText> text, Read(url));
  const Value& vocabulary = text->value["$vocabulary"];
  if (draft.version < 2019 || !vocabulary.is_object()) return dialect;
  std::vector<std::string> names;
  for (const value::Member& member : vocabulary.members()) {
    if (!member.value.bool_or(false)) continue;  // optional ones are not in force
    absl::string_view name = member.key;
    const auto& all = draft.vocabularies;
    if (!absl::ConsumePrefix(&name, draft.vocabulary_prefix) ||
        std::find(all.begin(), all.end(), name) == all.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("unsupported vocabulary ", Quote(member.key), " in ", Quote(url)));
    }
    names.emplace_back(name);
  }
  if (std::find(names.begin(), names.end(), "core") == names.end()) names.emplace_back("core");
  dialect.vocabularies = std::move(names);
  return dialect;
}

}  // namespace sluice::jsonschema
