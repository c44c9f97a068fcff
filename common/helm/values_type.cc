// SPDX-License-Identifier: Apache-2.0
#include "common/helm/values_type.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/document.h"
#include "common/gotmpl/function.h"
#include "common/gotmpl/value.h"
#include "common/text/quote.h"
#include "common/value/yaml.h"

namespace sluice::helm {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::Kind;
using gotmpl::Type;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;
using Path = std::vector<absl::string_view>;

// No template has a writer to give.
constexpr Type kWriter{.kind = Kind::kInterface, .name = "io.Writer"};

bool IsTable(const Value& value) { return value.type() == &types::kMap; }

// The table at the end of `path`; kNotFound at the first part that is none.
Result TableAt(Value table, const Path& path) {
  const Type& values_type = *table.type();
  for (const absl::string_view name : path) {
    const Value* member = table.Find(name);
    if (member == nullptr || (!IsTable(*member) && member->type() != &values_type)) {
      return absl::NotFoundError(absl::StrCat(text::Quote(name), " is not a table"));
    }
    const Value next = *member;
    table = next.As(values_type);
  }
  return table;
}

Result PathValue(Call& call) {
  if (call.text(1).empty()) return absl::InvalidArgumentError("YAML path cannot be empty");
  Path path = absl::StrSplit(call.text(1), '.');
  const absl::string_view name = path.back();
  path.pop_back();
  const Result table = TableAt(call[0], path);
  const Value* member = table.ok() ? table->Find(name) : nullptr;
  if (member != nullptr && !IsTable(*member)) return *member;
  return absl::NotFoundError(absl::StrCat(text::Quote(name), " is not a value"));
}

Result Yaml(Call& call) {
  ASSIGN_OR_RETURN(const auto document, gotmpl::ToDocument(call[0], call.session()));
  ASSIGN_OR_RETURN(const std::string yaml, value::MarshalYaml(document));
  return Value::String(yaml);
}

std::vector<Function> Methods(const Type& values_type) {
  return {
      {.name = "AsMap",
       .result = &types::kMap,
       .doc = "The values as a plain dict.",
       .code = [](Call& call) -> Result {
         return call[0].size() == 0 ? Value::NewMap() : call[0].As(types::kMap);
       }},
      {.name = "Encode",
       .parameters = {&kWriter},
       .doc = "Nothing that a template could use: it has no writer.",
       .code = [](Call&) -> Result {
         return absl::InvalidArgumentError("the argument is no io.Writer");
       }},
      {.name = "PathValue",
       .parameters = {&types::kString},
       .doc = "What stands at the end of a path with points; no table.",
       .code = PathValue},
      {.name = "Table",
       .parameters = {&types::kString},
       .result = &values_type,
       .doc = "The table at the end of a path with points.",
       .code = [](Call& call) -> Result {
         return TableAt(call[0], absl::StrSplit(call.text(1), '.'));
       }},
      {.name = "YAML",
       .result = &types::kString,
       .doc = "The values as YAML, with a line break at the end.",
       .code = Yaml},
  };
}

// The methods name the type, so that it exists before it has them.
Type& MakeType(absl::string_view name) {
  struct WithMethods {
    Type type;
    std::vector<Function> methods;
  };
  auto& made = *new WithMethods{
      .type = {.kind = Kind::kMap, .name = name, .elem = &types::kAny, .literal = &types::kMap}};
  made.methods = Methods(made.type);
  made.type.methods = made.methods;
  return made.type;
}

}  // namespace

const Type& ValuesType(Dialect dialect) {
  static const Type& helm3 = MakeType("chartutil.Values");
  static const Type& helm4 = MakeType("common.Values");
  return dialect == Dialect::kHelm3 ? helm3 : helm4;
}

}  // namespace sluice::helm
