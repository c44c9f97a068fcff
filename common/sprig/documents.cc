// SPDX-License-Identifier: Apache-2.0
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/document.h"
#include "common/sprig/convert.h"
#include "common/sprig/decoding.h"
#include "common/sprig/sprig.h"
#include "common/sprig/toml.h"
#include "common/sprig/yaml_nodes.h"
#include "common/value/json.h"
#include "common/value/yaml.h"
#include "common/value/yaml_node.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::Type;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;
using Document = value::Value;

// For what reading the text may take and make: bytes for a step, and bytes for an element.
absl::Status ChargeReading(Call& call) {
  constexpr size_t kBytesPerStep = 16;
  constexpr size_t kBytesPerElement = 8;
  RETURN_IF_ERROR(call.session().ChargeSteps(call.text(0).size() / kBytesPerStep));
  return call.session().ChargeElements(call.text(0).size() / kBytesPerElement);
}

absl::StatusOr<std::string> PlainJson(Call& call) {
  return gotmpl::ToJson(call[0], {}, call.session());
}
absl::StatusOr<std::string> PrettyJson(Call& call) {
  return gotmpl::ToJson(call[0], {.indent = 2}, call.session());
}
absl::StatusOr<std::string> RawJson(Call& call) {
  return gotmpl::ToJson(call[0], {.escape_html = false}, call.session());
}

// sigs.k8s.io/yaml: through JSON, the last line break taken off.
absl::StatusOr<std::string> Yaml(Call& call) {
  const auto wrapped = [](absl::string_view prefix, const absl::Status& error) {
    return absl::Status(error.code(), absl::StrCat(prefix, error.message()));
  };
  const absl::StatusOr<Document> document = gotmpl::ToDocument(call[0], call.session());
  if (!document.ok()) return wrapped("error marshaling into JSON: ", document.status());
  absl::StatusOr<std::string> yaml = value::MarshalYaml(*document);
  if (!yaml.ok()) return wrapped("error converting JSON to YAML: ", yaml.status());
  return std::string(absl::StripSuffix(*yaml, "\n"));
}

// go-yaml v3, of the value itself.
absl::StatusOr<std::string> PrettyYaml(Call& call) {
  ASSIGN_OR_RETURN(const std::unique_ptr<value::YamlNode> node,
                   ToYamlNode(call[0], call.session()));
  const std::string yaml = value::FormatYamlNode(*node, {.indent = 2, .compact_sequences = false});
  return std::string(absl::StripSuffix(yaml, "\n"));
}

absl::StatusOr<std::string> Toml(Call& call) { return EncodeToml(call[0], call.session()); }

// What becomes of an error of an encoder.
enum class OnError { kFail, kEmpty, kText };

Function Encoding(absl::string_view name, absl::string_view doc,
                  absl::StatusOr<std::string> (*encode)(Call&), OnError on_error) {
  return {.name = name,
          .parameters = {&types::kAny},
          .result = &types::kString,
          .doc = doc,
          .code = [encode, on_error](Call& call) -> Result {
            absl::StatusOr<std::string> text = encode(call);
            if (text.ok()) return Value::String(*std::move(text));
            // A budget ends the rendering, and Go panics at some values, whatever the function
            // makes of errors.
            if (on_error == OnError::kFail || !absl::IsInvalidArgument(text.status())) {
              return text.status();
            }
            return Value::String(on_error == OnError::kText ? text.status().message() : "");
          }};
}

using Decoder = DecodedDocument (*)(absl::string_view text, const Type& type);

DecodedDocument DecodeTomlMap(absl::string_view text, const Type&) {
  absl::StatusOr<Value> decoded = DecodeToml(text);
  if (decoded.ok()) return {.value = *std::move(decoded), .error = ""};
  return {.value = {}, .error = std::string(decoded.status().message())};
}

// Errors come as the member "Error".
Function MapDecoding(absl::string_view name, absl::string_view doc, Decoder decode) {
  return {.name = name,
          .parameters = {&types::kString},
          .result = &types::kMap,
          .doc = doc,
          .code = [decode](Call& call) -> Result {
            RETURN_IF_ERROR(ChargeReading(call));
            DecodedDocument decoded = decode(call.text(0), types::kMap);
            if (decoded.error.empty()) return std::move(decoded.value);
            if (decoded.value.is_nil()) decoded.value = Value::NewMap();
            (*decoded.value.map())["Error"] = Value::String(decoded.error);
            return std::move(decoded.value);
          }};
}

// Errors come as the only element.
Function ListDecoding(absl::string_view name, absl::string_view doc, Decoder decode) {
  return {.name = name,
          .parameters = {&types::kString},
          .result = &types::kList,
          .doc = doc,
          .code = [decode](Call& call) -> Result {
            RETURN_IF_ERROR(ChargeReading(call));
            DecodedDocument decoded = decode(call.text(0), types::kList);
            if (decoded.error.empty()) return std::move(decoded.value);
            return Value::FromList({Value::String(decoded.error)});
          }};
}

std::vector<Function> JsonFunctions() {
  return {
      Encoding("toJson", "The value as JSON; nothing if it cannot be.", PlainJson, OnError::kEmpty),
      Encoding("mustToJson", "The value as JSON.", PlainJson, OnError::kFail),
      Encoding("toPrettyJson", "The value as indented JSON; nothing if it cannot be.", PrettyJson,
               OnError::kEmpty),
      Encoding("mustToPrettyJson", "The value as indented JSON.", PrettyJson, OnError::kFail),
      Encoding("toRawJson", "The value as JSON, without escapes for HTML.", RawJson,
               OnError::kFail),
      Encoding("mustToRawJson", "The value as JSON, without escapes for HTML.", RawJson,
               OnError::kFail),
      MapDecoding("fromJson", "The JSON object as a dict; an error as its member Error.",
                  DecodeJson),
      ListDecoding("fromJsonArray", "The JSON array as a list; an error as its only element.",
                   DecodeJson),
      {.name = "mustFromJson",
       .parameters = {&types::kString},
       .doc = "The JSON document as a value.",
       .code = [](Call& call) -> Result {
         RETURN_IF_ERROR(ChargeReading(call));
         DecodedDocument decoded = DecodeJson(call.text(0), types::kAny);
         if (!decoded.error.empty()) return Failure(decoded.error);
         return std::move(decoded.value);
       }},
  };
}

}  // namespace

std::vector<Function> DocumentFunctions(Dialect dialect) {
  std::vector<Function> functions = JsonFunctions();
  const Function others[] = {
      Encoding("toYaml", "The value as YAML; nothing if it cannot be.", Yaml, OnError::kEmpty),
      Encoding("toYamlPretty", "The value as YAML with indented lists; nothing if it cannot be.",
               PrettyYaml, OnError::kEmpty),
      Encoding("toToml", "The value as TOML, or the error's text.", Toml, OnError::kText),
      MapDecoding("fromYaml", "The YAML mapping as a dict; an error as its member Error.",
                  DecodeYaml),
      ListDecoding("fromYamlArray", "The YAML sequence as a list; an error as its only element.",
                   DecodeYaml),
      MapDecoding("fromToml", "The TOML document as a dict; an error as its member Error.",
                  DecodeTomlMap),
  };
  functions.insert(functions.end(), std::begin(others), std::end(others));
  if (dialect == Dialect::kHelm4) {
    functions.push_back(Encoding("mustToYaml", "The value as YAML.", Yaml, OnError::kFail));
    functions.push_back(Encoding("mustToToml", "The value as TOML.", Toml, OnError::kFail));
  }
  return functions;
}

}  // namespace sluice::sprig
