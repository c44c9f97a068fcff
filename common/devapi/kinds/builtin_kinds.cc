// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/kinds/builtin_kinds.h"

#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "builtin_data.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr absl::string_view kObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

absl::string_view Embedded(absl::string_view name) {
  for (const data::EmbeddedFile& file : data::EmbeddedFiles()) {
    if (file.name == absl::StrCat("data/", name)) return file.content;
  }
  return "";
}

std::vector<std::string> Strings(const Value& list) {
  std::vector<std::string> result;
  for (const Value& item : list.items()) result.emplace_back(item.str());
  return result;
}

void AppendKinds(const Value& groups, std::vector<BuiltinKind>& kinds) {
  for (const Value& group : groups["items"].items()) {
    const std::string group_name(group["metadata"]["name"].str());
    for (const Value& version : group["versions"].items()) {
      const std::string version_name(version["version"].str());
      for (const Value& resource : version["resources"].items()) {
        BuiltinKind kind;
        kind.group = group_name;
        kind.version = version_name;
        kind.kind = std::string(resource["responseKind"]["kind"].str());
        kind.plural = std::string(resource["resource"].str());
        kind.singular = std::string(resource["singularResource"].str());
        kind.short_names = Strings(resource["shortNames"]);
        kind.categories = Strings(resource["categories"]);
        kind.namespaced = resource["scope"].str() == "Namespaced";
        kind.verbs = Strings(resource["verbs"]);
        for (const Value& subresource : resource["subresources"].items()) {
          const Value& answer = subresource["responseKind"];
          // No version stands for that of the resource.
          const bool own = answer["version"].str().empty();
          kind.subresources.push_back({std::string(subresource["subresource"].str()),
                                       own ? group_name : std::string(answer["group"].str()),
                                       own ? version_name : std::string(answer["version"].str()),
                                       std::string(answer["kind"].str()),
                                       Strings(subresource["verbs"])});
        }
        kinds.push_back(std::move(kind));
      }
    }
  }
}

}  // namespace

struct BuiltinKinds::State {
  absl::flat_hash_map<absl::string_view, absl::string_view> definitions;  // name -> JSON
  absl::flat_hash_map<absl::string_view, absl::string_view> names;        // g/v/kind -> name
  mutable absl::Mutex mutex;
  std::optional<std::vector<BuiltinKind>> kinds ABSL_GUARDED_BY(mutex);
  std::unique_ptr<SchemaCompiler> compiler ABSL_GUARDED_BY(mutex);
};

BuiltinKinds::BuiltinKinds() : state_(std::make_unique<State>()) {
  State& state = *state_;
  for (absl::string_view line : absl::StrSplit(Embedded("definitions.jsonl"), '\n')) {
    const std::vector<absl::string_view> cells = absl::StrSplit(line, absl::MaxSplits('\t', 2));
    if (cells.size() != 3) continue;
    state.definitions.emplace(cells[0], cells[2]);
    for (absl::string_view kind : absl::StrSplit(cells[1], ',', absl::SkipEmpty())) {
      state.names.emplace(kind, cells[0]);
    }
  }
  state.compiler = std::make_unique<SchemaCompiler>([&state](absl::string_view name) {
    const auto it = state.definitions.find(name);
    return it == state.definitions.end() ? Value() : value::ParseJson(it->second).value_or(Value());
  });
}

BuiltinKinds::~BuiltinKinds() = default;

std::span<const BuiltinKind> BuiltinKinds::kinds() const {
  const absl::MutexLock lock(&state_->mutex);
  if (!state_->kinds.has_value()) {
    std::vector<BuiltinKind>& kinds = state_->kinds.emplace();
    AppendKinds(Discovery("/api"), kinds);
    AppendKinds(Discovery("/apis"), kinds);
  }
  return *state_->kinds;
}

const Schema* BuiltinKinds::SchemaOf(absl::string_view group, absl::string_view version,
                                     absl::string_view kind) const {
  const auto it = state_->names.find(absl::StrCat(group, "/", version, "/", kind));
  if (it == state_->names.end()) return nullptr;
  const absl::MutexLock lock(&state_->mutex);
  return state_->compiler->Definition(it->second).value_or(nullptr);
}

const Schema& BuiltinKinds::object_meta() const {
  const absl::MutexLock lock(&state_->mutex);
  return **state_->compiler->Definition(kObjectMeta);
}

Value BuiltinKinds::Definition(absl::string_view name) const {
  const auto it = state_->definitions.find(name);
  if (it == state_->definitions.end()) return Value();
  return value::ParseJson(it->second).value_or(Value());
}

Value BuiltinKinds::Discovery(absl::string_view path) {
  return Value(value::ParseJson(Embedded("discovery.json")).value_or(Value())[path]);
}

Value BuiltinKinds::Columns() {
  return value::ParseJson(Embedded("columns.json")).value_or(Value());
}

}  // namespace sluice::devapi
