// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/generators/key_values.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/value/utf8.h"

namespace sluice::kustomize {
namespace {

using Pair = std::pair<std::string, std::string>;

absl::string_view WithoutQuotes(absl::string_view text) {
  if (text.size() < 2 || text.front() != text.back()) return text;
  if (text.front() != '"' && text.front() != '\'') return text;
  return text.substr(1, text.size() - 2);
}

absl::StatusOr<Pair> ParseLiteral(absl::string_view source) {
  const size_t equals = source.find('=');
  if (equals == 0 || equals == absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid literal source ", source, ", expected key=value"));
  }
  return Pair(source.substr(0, equals), WithoutQuotes(source.substr(equals + 1)));
}

// Key and path of "path" or "key=path".
absl::StatusOr<Pair> ParseFileSource(absl::string_view source) {
  const std::vector<absl::string_view> parts = absl::StrSplit(source, '=');
  if (parts.size() == 1) {
    const absl::string_view path = absl::StripSuffix(source, "/");
    const size_t slash = path.rfind('/');
    return Pair(slash == absl::string_view::npos ? path : path.substr(slash + 1), source);
  }
  if (parts.size() > 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("source \"", source, "\" key name or file path contains '='"));
  }
  if (parts[0].empty()) {
    return absl::InvalidArgumentError(absl::StrCat("missing key name for file path \"", parts[1],
                                                   "\" in source \"", source, "\""));
  }
  if (parts[1].empty()) {
    return absl::InvalidArgumentError(absl::StrCat("missing file path for key name \"", parts[0],
                                                   "\" in source \"", source, "\""));
  }
  return Pair(parts[0], parts[1]);
}

// Go's unicode.IsSpace at the start of `line`: how many bytes it takes, 0 if there is none.
size_t LeadingSpace(absl::string_view line) {
  if (line.empty()) return 0;
  if (absl::StrContains("\t\n\v\f\r ", line.substr(0, 1))) return 1;
  for (absl::string_view space :
       {"\xC2\x85", "\xC2\xA0", "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82",
        "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87",
        "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8", "\xE2\x80\xA9",
        "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"}) {
    if (absl::StartsWith(line, space)) return space.size();
  }
  return 0;
}

absl::Status ParseEnvFile(absl::string_view text, std::vector<Pair>& pairs) {
  int number = 0;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    absl::string_view line = text.substr(0, end);
    text = end == absl::string_view::npos ? absl::string_view() : text.substr(end + 1);
    line = absl::StripSuffix(line, "\r");
    ++number;
    if (!value::IsValidUtf8(line)) {
      return absl::InvalidArgumentError(absl::StrCat("line ", number, " has invalid utf8 bytes"));
    }
    if (number == 1) absl::ConsumePrefix(&line, "\xEF\xBB\xBF");
    while (const size_t space = LeadingSpace(line)) line.remove_prefix(space);
    if (line.empty() || line[0] == '#') continue;
    const size_t equals = line.find('=');
    // A line without "=" is a key with nothing in it; a line that starts with it has no key.
    const absl::string_view key = line.substr(0, equals);
    if (key.empty()) continue;
    pairs.emplace_back(
        key, equals == absl::string_view::npos ? absl::string_view() : line.substr(equals + 1));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Pair>> LoadPairs(const FileLoader& loader, const GeneratorArgs& args) {
  std::vector<Pair> pairs;
  const auto list = [](const std::vector<std::string>& sources) {
    return absl::StrCat("[", absl::StrJoin(sources, " "), "]");
  };
  for (const std::string& path : args.envs) {
    absl::StatusOr<std::string> text = loader.Load(path);
    const absl::Status status = text.ok() ? ParseEnvFile(*text, pairs) : text.status();
    if (!status.ok()) {
      return Annotate(status, absl::StrCat("env source files: ", list(args.envs)));
    }
  }
  for (const std::string& literal : args.literals) {
    absl::StatusOr<Pair> pair = ParseLiteral(literal);
    if (!pair.ok()) {
      return Annotate(pair.status(), absl::StrCat("literal sources ", list(args.literals)));
    }
    pairs.push_back(*std::move(pair));
  }
  for (const std::string& file : args.files) {
    absl::StatusOr<Pair> source = ParseFileSource(file);
    absl::StatusOr<std::string> text =
        source.ok() ? loader.Load(source->second) : absl::StatusOr<std::string>(source.status());
    if (!text.ok()) {
      return Annotate(text.status(), absl::StrCat("file sources: ", list(args.files)));
    }
    pairs.emplace_back(source->first, *std::move(text));
  }
  return pairs;
}

Node* TextNode(NodeArena& arena, absl::string_view text) {
  Node* node = arena.String(text);
  if (absl::StrContains(text, "\n")) node->style = Node::kLiteral;
  return node;
}

void AddToMap(NodeArena& arena, Node* root, absl::string_view field, absl::string_view key,
              Node* value) {
  Node* map = FieldOf(root, field);
  if (map == nullptr) {
    map = arena.Map();
    AppendField(arena, root, field, map);
  }
  AppendField(arena, map, key, value);
}

void AddData(NodeArena& arena, Node* root, GeneratedKind kind,
             const std::map<std::string, std::string>& data) {
  // A Secret has its data even if there is none.
  if (kind == GeneratedKind::kSecret) AppendField(arena, root, "data", arena.Map());
  for (const auto& [key, bytes] : data) {
    if (kind == GeneratedKind::kConfigMap && value::IsValidUtf8(bytes)) {
      AddToMap(arena, root, "data", key, TextNode(arena, bytes));
    } else {
      AddToMap(arena, root, kind == GeneratedKind::kSecret ? "data" : "binaryData", key,
               TextNode(arena, WrappedBase64(bytes)));
    }
  }
}

void AddOptions(NodeArena& arena, Node* root, const GeneratorOptions& options) {
  Node* metadata = FieldOf(root, "metadata");
  for (const auto& [key, text] : options.labels) {
    AddToMap(arena, metadata, "labels", key, arena.String(text));
  }
  for (const auto& [key, text] : options.annotations) {
    AddToMap(arena, metadata, "annotations", key, arena.String(text));
  }
  if (!options.immutable) return;
  Node* immutable = arena.Scalar("true");
  immutable->tag = Node::Tag::kBool;
  AppendField(arena, root, "immutable", immutable);
}

}  // namespace

std::string WrappedBase64(absl::string_view bytes) {
  constexpr size_t kLine = 70;
  std::string encoded;
  absl::Base64Escape(bytes, &encoded);
  // One line up to 69: the reference counts a line more at 70.
  if (encoded.size() < kLine) return encoded;
  std::string wrapped;
  for (size_t at = 0; at < encoded.size(); at += kLine) {
    absl::StrAppend(&wrapped, absl::string_view(encoded).substr(at, kLine), "\n");
  }
  return wrapped;
}

GeneratorArgs WithOptions(GeneratorArgs args, const std::optional<GeneratorOptions>& defaults) {
  if (!defaults.has_value()) return args;
  if (!args.options.has_value()) args.options.emplace();
  // insert() leaves what is there.
  args.options->labels.insert(defaults->labels.begin(), defaults->labels.end());
  args.options->annotations.insert(defaults->annotations.begin(), defaults->annotations.end());
  args.options->disable_name_suffix_hash |= defaults->disable_name_suffix_hash;
  args.options->immutable |= defaults->immutable;
  return args;
}

absl::StatusOr<Resource*> GenerateKeyValues(BuildState& state, const FileLoader& loader,
                                            GeneratedKind kind, const GeneratorArgs& args) {
  if (args.name.empty()) return absl::InvalidArgumentError("a configmap must have a name");
  absl::StatusOr<std::vector<Pair>> pairs = LoadPairs(loader, args);
  if (!pairs.ok()) return Annotate(pairs.status(), "loading KV pairs");
  std::map<std::string, std::string> data;
  for (Pair& pair : *pairs) {
    if (!data.emplace(pair.first, std::move(pair.second)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("configmap ", args.name, " illegally repeats the key `", pair.first, "`"));
    }
  }
  NodeArena& arena = state.arena();
  const bool secret = kind == GeneratedKind::kSecret;
  Node* root = arena.Map();
  AppendField(arena, root, "apiVersion", arena.String("v1"));
  AppendField(arena, root, "kind", arena.String(secret ? "Secret" : "ConfigMap"));
  Node* metadata = arena.Map();
  AppendField(arena, metadata, "name", arena.String(args.name));
  if (!args.namespace_name.empty()) {
    AppendField(arena, metadata, "namespace", arena.String(args.namespace_name));
  }
  AppendField(arena, root, "metadata", metadata);
  if (secret)
    AppendField(arena, root, "type", arena.String(args.type.empty() ? "Opaque" : args.type));
  AddData(arena, root, kind, data);
  if (args.options.has_value()) AddOptions(arena, root, *args.options);
  ASSIGN_OR_RETURN(Resource * resource, state.NewResource(root));
  resource->generated = true;
  resource->behavior = ParseBehavior(args.behavior);
  resource->needs_hash = !args.options.has_value() || !args.options->disable_name_suffix_hash;
  return resource;
}

}  // namespace sluice::kustomize
