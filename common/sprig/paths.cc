// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/sprig/sprig.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::Value;
namespace types = gotmpl::types;

bool IsAbsolute(absl::string_view path) { return absl::StartsWith(path, "/"); }

// Go's path.Clean. common/fs has one for trees, which refuses what leads out of them.
std::string Clean(absl::string_view path) {
  const bool rooted = IsAbsolute(path);
  std::vector<absl::string_view> parts;
  for (const absl::string_view part : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    if (part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (!rooted) {
      parts.push_back(part);
    }
  }
  const std::string cleaned = absl::StrCat(rooted ? "/" : "", absl::StrJoin(parts, "/"));
  return cleaned.empty() ? "." : cleaned;
}

std::string Base(absl::string_view path) {
  if (path.empty()) return ".";
  while (absl::EndsWith(path, "/")) path.remove_suffix(1);
  if (path.empty()) return "/";
  return std::string(path.substr(path.rfind('/') + 1));
}

std::string Directory(absl::string_view path) { return Clean(path.substr(0, path.rfind('/') + 1)); }

std::string Extension(absl::string_view path) {
  const absl::string_view name = path.substr(path.rfind('/') + 1);
  const size_t dot = name.rfind('.');
  return dot == absl::string_view::npos ? "" : std::string(name.substr(dot));
}

Function TextFunction(absl::string_view name, absl::string_view doc,
                      std::string (*code)(absl::string_view)) {
  return {.name = name,
          .parameters = {&types::kString},
          .result = &types::kString,
          .doc = doc,
          .code = [code](Call& call) -> absl::StatusOr<Value> {
            return Value::String(code(call.text(0)));
          }};
}

}  // namespace

// The functions with "os" in front are the same on the systems that Helm charts are rendered for.
std::vector<Function> PathFunctions() {
  std::vector<Function> functions;
  const auto add = [&](absl::string_view name, absl::string_view os_name, absl::string_view doc,
                       std::string (*code)(absl::string_view)) {
    functions.push_back(TextFunction(name, doc, code));
    functions.push_back(TextFunction(os_name, doc, code));
  };
  add("base", "osBase", "The last part of the path.", Base);
  add("dir", "osDir", "All but the last part of the path.", Directory);
  add("clean", "osClean", "The shortest path that means the same.", Clean);
  add("ext", "osExt", "The extension of the file name, with its dot.", Extension);
  for (const absl::string_view name : {"isAbs", "osIsAbs"}) {
    functions.push_back({.name = name,
                         .parameters = {&types::kString},
                         .result = &types::kBool,
                         .doc = "Whether the path starts at the root.",
                         .code = [](Call& call) -> absl::StatusOr<Value> {
                           return Value::Bool(IsAbsolute(call.text(0)));
                         }});
  }
  return functions;
}

}  // namespace sluice::sprig
