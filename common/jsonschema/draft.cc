// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/draft.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "common/jsonschema/url.h"

namespace sluice::jsonschema {
namespace {

constexpr absl::string_view kVocabularies2019[] = {"core",      "applicator", "validation",
                                                   "meta-data", "format",     "content"};
constexpr absl::string_view kVocabularies2020[] = {
    "core",      "applicator",        "unevaluated",      "validation",
    "meta-data", "format-annotation", "format-assertion", "content"};
constexpr absl::string_view kDefault2019[] = {"core", "applicator", "validation"};
constexpr absl::string_view kDefault2020[] = {"core", "applicator", "unevaluated", "validation"};

constexpr Draft kAll[] = {
    {4, "http://json-schema.org/draft-04/schema", "id", "", {}, {}},
    {6, "http://json-schema.org/draft-06/schema", "$id", "", {}, {}},
    {7, "http://json-schema.org/draft-07/schema", "$id", "", {}, {}},
    {2019, "https://json-schema.org/draft/2019-09/schema", "$id",
     "https://json-schema.org/draft/2019-09/vocab/", kVocabularies2019, kDefault2019},
    {2020, "https://json-schema.org/draft/2020-12/schema", "$id",
     "https://json-schema.org/draft/2020-12/vocab/", kVocabularies2020, kDefault2020},
};

constexpr SubschemaKeyword kKeywords[] = {
    {"definitions", 4, false, true, false},
    {"not", 4, true, false, false},
    {"allOf", 4, false, false, true},
    {"anyOf", 4, false, false, true},
    {"oneOf", 4, false, false, true},
    {"properties", 4, false, true, false},
    {"additionalProperties", 4, true, false, false},
    {"patternProperties", 4, false, true, false},
    {"items", 4, true, false, true},
    {"additionalItems", 4, true, false, false},
    {"dependencies", 4, false, true, false},
    {"propertyNames", 6, true, false, false},
    {"contains", 6, true, false, false},
    {"if", 7, true, false, false},
    {"then", 7, true, false, false},
    {"else", 7, true, false, false},
    {"$defs", 2019, false, true, false},
    {"dependentSchemas", 2019, false, true, false},
    {"unevaluatedProperties", 2019, true, false, false},
    {"unevaluatedItems", 2019, true, false, false},
    {"contentSchema", 2019, true, false, false},
    {"prefixItems", 2020, false, false, true},
};

}  // namespace

const std::span<const Draft> kDrafts = kAll;
const std::span<const SubschemaKeyword> kSubschemaKeywords = kKeywords;

absl::string_view Draft::IdOf(const Value& schema) const {
  // Up to draft 7 a reference stands alone.
  if (version < 2019 && schema.Has("$ref")) return "";
  return SplitFragment(schema[id].str()).first;
}

const Draft& LatestDraft() { return kDrafts.back(); }

const Draft* DraftByUrl(absl::string_view url) {
  const auto [address, fragment] = SplitFragment(url);
  if (!fragment.empty()) return nullptr;
  const auto without_scheme = [](absl::string_view text) {
    if (!absl::ConsumePrefix(&text, "http://")) absl::ConsumePrefix(&text, "https://");
    return text;
  };
  const absl::string_view wanted = without_scheme(address);
  if (wanted == "json-schema.org/schema") return &LatestDraft();
  const auto found = std::find_if(kDrafts.begin(), kDrafts.end(), [&](const Draft& draft) {
    return without_scheme(draft.url) == wanted;
  });
  return found == kDrafts.end() ? nullptr : &*found;
}

bool Dialect::Has(absl::string_view vocabulary) const {
  if (vocabulary == "core" || draft->version < 2019) return true;
  if (vocabularies.has_value()) {
    return std::find(vocabularies->begin(), vocabularies->end(), vocabulary) != vocabularies->end();
  }
  const auto& defaults = draft->default_vocabularies;
  return std::find(defaults.begin(), defaults.end(), vocabulary) != defaults.end();
}

}  // namespace sluice::jsonschema
