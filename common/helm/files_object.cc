// .Files

// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/function.h"
#include "common/helm/file_glob.h"
#include "common/helm/objects.h"
#include "common/value/yaml.h"

namespace sluice::helm {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::Kind;
using gotmpl::List;
using gotmpl::Type;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;

Result Get(Call& call) {
  const Value* const file = call[0].Find(call.text(1));
  return Value::String(file == nullptr ? "" : file->text());
}

Result GetBytes(Call& call) {
  const Value* const file = call[0].Find(call.text(1));
  return file == nullptr ? Value::Bytes("") : *file;
}

// A pattern that is none stands for everything.
Result Glob(Call& call) {
  const absl::StatusOr<FileGlob> glob = FileGlob::Parse(call.text(1));
  gotmpl::Map found;
  if (!call[0].is_nil()) {
    for (const auto& [name, content] : *call[0].map()) {
      RETURN_IF_ERROR(call.session().ChargeStep());
      if (!glob.ok() || glob->Matches(name)) found.emplace_hint(found.end(), name, content);
    }
  }
  return Value::MapOf(*call[0].type(), std::move(found));
}

// The last element of a path, as Go's path.Base has it.
absl::string_view Base(absl::string_view path) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  return path.substr(path.rfind('/') + 1);
}

// A YAML map from the last elements of the names to what `text` makes of the content; "" where that
// cannot be written.
template <typename Text>
Result AsYaml(Call& call, Text text) {
  if (call[0].is_nil()) return Value::String("");
  ::sluice::Value::Object members;
  for (const auto& [name, content] : *call[0].map()) {
    members.push_back({std::string(Base(name)), ::sluice::Value(text(content.text()))});
  }
  const absl::StatusOr<std::string> yaml =
      value::MarshalYaml(::sluice::Value::FromMembers(std::move(members)));
  return Value::String(yaml.ok() ? absl::StripSuffix(*yaml, "\n") : "");
}

Result AsConfig(Call& call) {
  return AsYaml(call, [](absl::string_view content) { return std::string(content); });
}

Result AsSecrets(Call& call) {
  return AsYaml(call, [](absl::string_view content) { return absl::Base64Escape(content); });
}

// A file without content: Helm 4.2 fails where Helm 3 has no lines.
Result Lines(Call& call, bool helm3) {
  const Value* const file = call[0].Find(call.text(1));
  if (file == nullptr || (helm3 && file->size() == 0)) return Value::Strings({});
  if (file->size() == 0) {
    return absl::InvalidArgumentError("runtime error: index out of range [-1]");
  }
  List lines;
  for (const absl::string_view line : absl::StrSplit(absl::StripSuffix(file->text(), "\n"), '\n')) {
    lines.push_back(Value::String(line));
  }
  return Value::ListOf(types::kStrings, std::move(lines));
}

// The type and its methods, which name it.
struct FilesTypes {
  explicit FilesTypes(bool helm3)
      : methods({
            {.name = "Get",
             .parameters = {&types::kString},
             .result = &types::kString,
             .doc = "The content of the file, or nothing.",
             .code = Get},
            {.name = "GetBytes",
             .parameters = {&types::kString},
             .result = &types::kBytes,
             .doc = "The bytes of the file, or none.",
             .code = GetBytes},
            {.name = "Glob",
             .parameters = {&types::kString},
             .result = &files,
             .doc = "The files whose names match.",
             .code = Glob},
            {.name = "AsConfig",
             .result = &types::kString,
             .doc = "The files as the data of a ConfigMap.",
             .code = AsConfig},
            {.name = "AsSecrets",
             .result = &types::kString,
             .doc = "The files as the data of a Secret.",
             .code = AsSecrets},
            {.name = "Lines",
             .parameters = {&types::kString},
             .result = &types::kStrings,
             .doc = "The lines of the file.",
             .code = [helm3](Call& call) { return Lines(call, helm3); }},
        }),
        files({.kind = Kind::kMap,
               .name = "engine.files",
               .elem = &types::kBytes,
               .methods = methods}) {}

  std::vector<Function> methods;
  Type files;
};

const Type& FilesType(Dialect dialect) {
  static const FilesTypes helm3(true);
  static const FilesTypes helm4(false);
  return dialect == Dialect::kHelm3 ? helm3.files : helm4.files;
}

}  // namespace

Value FilesObject(const Chart& chart, Dialect dialect) {
  gotmpl::Map files;
  for (const ChartFile& file : chart.files) files[file.name] = Value::Bytes(file.data);
  return Value::MapOf(FilesType(dialect), std::move(files));
}

}  // namespace sluice::helm
