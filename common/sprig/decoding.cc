// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/decoding.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/gotmpl/document.h"
#include "common/sprig/convert.h"
#include "common/sprig/json_syntax.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::sprig {
namespace {

using gotmpl::Type;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;
using Document = value::Value;

// encoding/json's name of what a document is.
absl::string_view JsonKind(const Document& document) {
  switch (document.kind()) {
    case Document::Kind::kNull:
      return "null";
    case Document::Kind::kBool:
      return "bool";
    case Document::Kind::kString:
      return "string";
    case Document::Kind::kArray:
      return "array";
    case Document::Kind::kObject:
      return "object";
    default:
      return "number";
  }
}

std::string Mismatch(absl::string_view kind, const Type& type) {
  return absl::StrCat("json: cannot unmarshal ", kind, " into Go value of type ", type.name);
}

// The document as a value of the type: any, a map or a list. A null is a nil of it.
Result Decoded(const Document& document, const Type& type) {
  if (document.is_null()) return Value::Zero(type);
  const bool fits = (&type == &types::kMap && document.kind() == Document::Kind::kObject) ||
                    (&type == &types::kList && document.kind() == Document::Kind::kArray) ||
                    &type == &types::kAny;
  if (fits) return gotmpl::FromDocument(document, gotmpl::Numbers::kFloats);
  return Failure(Mismatch(JsonKind(document), type));
}

}  // namespace

DecodedDocument DecodeJson(absl::string_view text, const Type& type) {
  DecodedDocument decoded{.value = Value::Zero(type), .error = ""};
  absl::StatusOr<Document> document = value::ParseJson(text);
  if (!document.ok()) {
    const JsonSyntax syntax = CheckJsonSyntax(text);
    if (syntax.large_numbers.empty()) {
      decoded.error =
          syntax.error.empty() ? std::string(document.status().message()) : syntax.error;
      return decoded;
    }
    std::string readable;
    size_t copied = 0;
    for (const absl::string_view number : syntax.large_numbers) {
      const auto at = static_cast<size_t>(number.data() - text.data());
      absl::StrAppend(&readable, text.substr(copied, at - copied), "null");
      copied = at + number.size();
    }
    absl::StrAppend(&readable, text.substr(copied));
    if (&type != &types::kAny && syntax.large_numbers[0] == absl::StripAsciiWhitespace(text)) {
      decoded.error = Mismatch("number", type);
      return decoded;
    }
    document = value::ParseJson(readable);
    decoded.error = absl::StrCat("json: cannot unmarshal number ", syntax.large_numbers[0],
                                 " into Go value of type float64");
    if (!document.ok()) return decoded;
  }
  Result value = Decoded(*document, type);
  if (value.ok()) {
    decoded.value = *std::move(value);
  } else {
    decoded.error = std::string(value.status().message());
  }
  return decoded;
}

DecodedDocument DecodeYaml(absl::string_view text, const Type& type) {
  const absl::StatusOr<Document> document = value::ParseYaml(text);
  if (!document.ok()) {
    return {.value = {},
            .error = absl::StrCat("error converting YAML to JSON: ", document.status().message())};
  }
  if (document->is_null()) {
    return {.value = &type == &types::kMap ? Value::NewMap() : Value::FromList({}), .error = ""};
  }
  Result decoded = Decoded(*document, type);
  if (decoded.ok()) return {.value = *std::move(decoded), .error = ""};
  return {.value = {},
          .error = absl::StrCat("error unmarshaling JSON: while decoding JSON: ",
                                decoded.status().message())};
}

}  // namespace sluice::sprig
