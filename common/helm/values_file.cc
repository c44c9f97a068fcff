// SPDX-License-Identifier: Apache-2.0
#include "common/helm/values_file.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm/go_decoder.h"
#include "common/value/yaml.h"

namespace sluice::helm {
namespace {

absl::StatusOr<Value> ParseTable(absl::string_view text) {
  absl::StatusOr<Value> document = value::ParseYaml(text);
  if (!document.ok()) return Annotate(document.status(), "error converting YAML to JSON");
  RETURN_IF_ERROR(CheckIsTable(*document));
  return document->is_null() ? Value::EmptyObject() : WithFloats(*std::move(document));
}

// The documents between lines that begin with "---", as Kubernetes' reader cuts them.
absl::StatusOr<std::vector<absl::string_view>> SplitDocuments(absl::string_view text) {
  std::vector<absl::string_view> documents;
  size_t start = 0;
  for (size_t line = 0; line < text.size();) {
    const size_t newline = text.find('\n', line);
    const size_t next = newline == absl::string_view::npos ? text.size() : newline + 1;
    const absl::string_view content = text.substr(line, next - line);
    if (absl::StartsWith(content, "---")) {
      const absl::string_view rest = absl::StripAsciiWhitespace(content.substr(3));
      if (!rest.empty() && rest[0] != '#') {
        return absl::InvalidArgumentError(
            absl::StrCat("error reading yaml document: invalid Yaml document separator: ", rest));
      }
      // A separator at the start belongs to what follows it.
      if (line > start) {
        documents.push_back(text.substr(start, line - start));
        start = next;
      }
    }
    line = next;
  }
  if (start < text.size()) documents.push_back(text.substr(start));
  return documents;
}

}  // namespace

Value WithFloats(Value value) {
  if (value.is_integer()) return Value(value.double_or(0));
  if (value.is_array()) {
    for (Value& item : value.mutable_items()) item = WithFloats(std::move(item));
  } else if (value.is_object()) {
    for (value::Member& member : value.mutable_members()) {
      member.value = WithFloats(std::move(member.value));
    }
  }
  return value;
}

Value MergeTables(const Value& under, const Value& over) {
  Value merged = under;
  for (const value::Member& member : over.members()) {
    Value* const held = merged.FindMutable(member.key);
    if (held != nullptr && held->is_object() && member.value.is_object()) {
      *held = MergeTables(*held, member.value);
    } else {
      merged.Set(member.key, member.value);
    }
  }
  return merged;
}

absl::StatusOr<Value> ParseValuesFile(absl::string_view text, Dialect dialect) {
  if (dialect == Dialect::kHelm3) return ParseTable(text);
  ASSIGN_OR_RETURN(const std::vector<absl::string_view> documents, SplitDocuments(text));
  Value values = Value::EmptyObject();
  for (const absl::string_view document : documents) {
    absl::StatusOr<Value> table = ParseTable(document);
    if (!table.ok()) return Annotate(table.status(), "cannot unmarshal yaml document");
    values = values.empty() ? *std::move(table) : MergeTables(values, *table);
  }
  return values;
}

}  // namespace sluice::helm
