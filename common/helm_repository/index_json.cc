// SPDX-License-Identifier: Apache-2.0
#include "common/helm_repository/index_json.h"

#include <algorithm>
#include <span>

#include "common/value/json.h"

namespace sluice::helm_repository {
namespace {

using value::AppendJsonString;

// Writes the members of objects and lists that are open, each on a line of its own.
class Writer {
 public:
  // `depth` is how many collections are around what is written first.
  Writer(std::string& out, size_t depth) : out_(out), depth_(depth) {}

  void Open(char bracket) {
    out_ += bracket;
    ++depth_;
    empty_ = true;
  }
  void Close(char bracket) {
    --depth_;
    if (!empty_) NewLine();
    out_ += bracket;
    empty_ = false;
  }
  // Begins a member or an item.
  void Next() {
    if (!empty_) out_ += ',';
    NewLine();
    empty_ = false;
  }
  void Key(absl::string_view key) {
    Next();
    AppendJsonString(key, /*escape_html=*/true, out_);
    out_ += ": ";
  }
  void String(absl::string_view text) { AppendJsonString(text, /*escape_html=*/true, out_); }

  void Text(absl::string_view key, absl::string_view text) {
    Key(key);
    String(text);
  }
  void TextIfAny(absl::string_view key, absl::string_view text) {
    if (!text.empty()) Text(key, text);
  }
  void TrueIfSet(absl::string_view key, bool set) {
    if (!set) return;
    Key(key);
    out_ += "true";
  }
  void Texts(absl::string_view key, std::span<const absl::string_view> texts) {
    Key(key);
    Open('[');
    for (const absl::string_view text : texts) {
      Next();
      String(text);
    }
    Close(']');
  }
  void TextsIfAny(absl::string_view key, const TextList& list) {
    if (!list.items.empty()) Texts(key, list.items);
  }
  void Any(const Value& value) {
    if (value.is_array()) {
      Open('[');
      for (const Value& item : value.items()) {
        Next();
        Any(item);
      }
      Close(']');
    } else if (value.is_object()) {
      Open('{');
      for (const value::Member& member : value.members()) {
        Key(member.key);
        Any(member.value);
      }
      Close('}');
    } else {
      out_ += value::FormatJson(value);
    }
  }

 private:
  void NewLine() {
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  std::string& out_;
  size_t depth_;
  bool empty_ = true;
};

void AppendDependency(const EntryDependency& dependency, Writer& json) {
  json.Open('{');
  json.Text("name", dependency.name);
  json.TextIfAny("version", dependency.version);
  json.Text("repository", dependency.repository);
  json.TextIfAny("condition", dependency.condition);
  json.TextsIfAny("tags", dependency.tags);
  json.TrueIfSet("enabled", dependency.enabled);
  if (!dependency.import_values.empty()) {
    json.Key("import-values");
    json.Open('[');
    for (const Value& value : dependency.import_values) {
      json.Next();
      json.Any(value);
    }
    json.Close(']');
  }
  json.TextIfAny("alias", dependency.alias);
  json.Close('}');
}

}  // namespace

void AppendEntry(const ChartEntry& entry, std::string& out) {
  constexpr size_t kDepth = 3;
  out.append(2 * kDepth, ' ');
  Writer json(out, kDepth);
  json.Open('{');
  json.TextIfAny("name", entry.name);
  json.TextIfAny("home", entry.home);
  json.TextsIfAny("sources", entry.sources);
  json.TextIfAny("version", entry.version);
  json.TextIfAny("description", entry.description);
  json.TextsIfAny("keywords", entry.keywords);
  if (!entry.maintainers.empty()) {
    json.Key("maintainers");
    json.Open('[');
    for (const EntryMaintainer& maintainer : entry.maintainers) {
      json.Next();
      json.Open('{');
      json.TextIfAny("name", maintainer.name);
      json.TextIfAny("email", maintainer.email);
      json.TextIfAny("url", maintainer.url);
      json.Close('}');
    }
    json.Close(']');
  }
  json.TextIfAny("icon", entry.icon);
  json.TextIfAny("apiVersion", entry.api_version);
  json.TextIfAny("condition", entry.condition);
  json.TextIfAny("tags", entry.tags);
  json.TextIfAny("appVersion", entry.app_version);
  json.TrueIfSet("deprecated", entry.deprecated);
  if (!entry.annotations.empty()) {
    auto sorted = entry.annotations;
    std::sort(sorted.begin(), sorted.end());
    json.Key("annotations");
    json.Open('{');
    for (const auto& [key, text] : sorted) json.Text(key, text);
    json.Close('}');
  }
  json.TextIfAny("kubeVersion", entry.kube_version);
  if (!entry.dependencies.empty()) {
    json.Key("dependencies");
    json.Open('[');
    for (const EntryDependency& dependency : entry.dependencies) {
      json.Next();
      AppendDependency(dependency, json);
    }
    json.Close(']');
  }
  json.TextIfAny("type", entry.type);
  if (entry.urls.is_null) {
    json.Key("urls");
    out += "null";
  } else {
    json.Texts("urls", entry.urls.items);
  }
  json.Text("created", entry.created);
  json.TrueIfSet("removed", entry.removed);
  json.TextIfAny("digest", entry.digest);
  json.TextIfAny("checksum", entry.checksum);
  json.TextIfAny("engine", entry.engine);
  json.TextIfAny("tillerVersion", entry.tiller_version);
  json.TextIfAny("url", entry.url);
  json.Close('}');
}

std::string IndexHeadText(const IndexHead& head, bool has_charts) {
  std::string out;
  Writer json(out, 0);
  json.Open('{');
  if (!head.server_info.empty()) {
    json.Key("serverInfo");
    json.Any(head.server_info);
  }
  json.Text("apiVersion", head.api_version);
  json.Text("generated", head.generated);
  json.Key("entries");
  out += !head.has_entries ? "null" : has_charts ? "{" : "{}";
  return out;
}

std::string IndexTailText(const IndexHead& head, bool has_charts) {
  std::string out = has_charts ? "\n  }" : "";
  if (!head.public_keys.empty()) {
    out += ",\n  \"publicKeys\": [";
    const char* separator = "\n    ";
    for (const std::string& key : head.public_keys) {
      out += separator;
      AppendJsonString(key, true, out);
      separator = ",\n    ";
    }
    out += "\n  ]";
  }
  if (!head.annotations.empty()) {
    out += ",\n  \"annotations\": {";
    const char* separator = "\n    ";
    for (const auto& [key, text] : head.annotations) {
      out += separator;
      AppendJsonString(key, true, out);
      out += ": ";
      AppendJsonString(text, true, out);
      separator = ",\n    ";
    }
    out += "\n  }";
  }
  return out + "\n}";
}

}  // namespace sluice::helm_repository
