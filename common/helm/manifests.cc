// SPDX-License-Identifier: Apache-2.0
#include "common/helm/manifests.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/gotmpl/literal.h"
#include "common/helm/go_decoder.h"
#include "common/helm/kind_order.h"
#include "common/text/quote.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"
#include "common/value/yaml.h"

namespace sluice::helm {
namespace {

constexpr absl::string_view kSeparator = "---";

struct EventName {
  absl::string_view name;
  HookEvent event;
};
constexpr EventName kEvents[] = {
    {"pre-install", HookEvent::kPreInstall},
    {"post-install", HookEvent::kPostInstall},
    {"pre-delete", HookEvent::kPreDelete},
    {"post-delete", HookEvent::kPostDelete},
    {"pre-upgrade", HookEvent::kPreUpgrade},
    {"post-upgrade", HookEvent::kPostUpgrade},
    {"pre-rollback", HookEvent::kPreRollback},
    {"post-rollback", HookEvent::kPostRollback},
    {"test", HookEvent::kTest},
    {"test-success", HookEvent::kTest},
};

// What a regular expression of Go takes for \s.
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

absl::string_view TrimLeft(absl::string_view text) {
  while (!text.empty()) {
    const text::Decoded next = text::DecodeFirst(text);
    if (!text::IsSpace(next.character)) break;
    text.remove_prefix(next.size);
  }
  return text;
}

absl::string_view TrimRight(absl::string_view text) {
  while (!text.empty()) {
    size_t start = text.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
    const text::Decoded last = text::DecodeFirst(text.substr(start));
    if (last.size != text.size() - start || !text::IsSpace(last.character)) break;
    text.remove_suffix(last.size);
  }
  return text;
}

// What Helm reads of a document.
struct Head {
  std::string api_version;
  std::string kind;
  std::string name;
  std::map<std::string, std::string> annotations;
};

absl::StatusOr<Head> ReadHead(absl::string_view text, Dialect dialect) {
  const absl::StatusOr<Value> document = value::ParseYaml(text);
  if (!document.ok()) return Annotate(document.status(), "error converting YAML to JSON");
  Head head;
  GoDecoder decoder;
  const absl::string_view full_name =
      dialect == Dialect::kHelm3 ? "releaseutil.SimpleHead" : "util.SimpleHead";
  decoder.Struct(*document, "SimpleHead", full_name,
                 [&](absl::string_view key, const Value& value) {
                   if (key == "apiversion") decoder.Text(value, head.api_version);
                   if (key == "kind") decoder.Text(value, head.kind);
                   if (key != "metadata") return;
                   constexpr absl::string_view kType =
                       "struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string "
                       "\"json:\\\"annotations\\\"\" }";
                   decoder.Struct(value, "", kType, [&](absl::string_view inner, const Value& v) {
                     if (inner == "name") decoder.Text(v, head.name);
                     if (inner == "annotations") decoder.TextMap(v, head.annotations);
                   });
                 });
  RETURN_IF_ERROR(decoder.status());
  return head;
}

// The events of the annotation; none if one is unknown.
std::optional<std::vector<HookEvent>> ParseEvents(absl::string_view text) {
  std::vector<HookEvent> events;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::string name = text::ToLower(TrimRight(TrimLeft(part)));
    const auto* const known = std::find_if(std::begin(kEvents), std::end(kEvents),
                                           [&](const EventName& e) { return e.name == name; });
    if (known == std::end(kEvents)) return std::nullopt;
    events.push_back(known->event);
  }
  return events;
}

std::vector<std::string> Policies(const Head& head, absl::string_view annotation) {
  std::vector<std::string> policies;
  const auto found = head.annotations.find(std::string(annotation));
  if (found == head.annotations.end()) return policies;
  for (const absl::string_view part : absl::StrSplit(found->second, ',')) {
    policies.push_back(text::ToLower(TrimRight(TrimLeft(part))));
  }
  return policies;
}

int64_t WeightOf(const Head& head) {
  const auto found = head.annotations.find("helm.sh/hook-weight");
  if (found == head.annotations.end()) return 0;
  return gotmpl::ParseInt(found->second, 10).value_or(0);
}

absl::Status AddDocument(const std::string& path, std::string text, Dialect dialect,
                         SortedManifests& sorted) {
  absl::StatusOr<Head> head = ReadHead(text, dialect);
  if (!head.ok()) return Annotate(head.status(), absl::StrCat("YAML parse error on ", path));
  const auto hook = head->annotations.find("helm.sh/hook");
  if (hook == head->annotations.end()) {
    sorted.manifests.push_back({.path = path,
                                .content = std::move(text),
                                .api_version = std::move(head->api_version),
                                .kind = std::move(head->kind),
                                .name = std::move(head->name)});
    return absl::OkStatus();
  }
  std::optional<std::vector<HookEvent>> events = ParseEvents(hook->second);
  if (!events.has_value()) {
    sorted.warnings.push_back(
        absl::StrCat("info: skipping unknown hook: ", text::Quote(hook->second)));
    return absl::OkStatus();
  }
  sorted.hooks.push_back(
      {.name = head->name,
       .kind = head->kind,
       .path = path,
       .manifest = std::move(text),
       .events = *std::move(events),
       .weight = WeightOf(*head),
       .delete_policies = Policies(*head, "helm.sh/hook-delete-policy"),
       .output_log_policies = Policies(*head, "helm.sh/hook-output-log-policy")});
  return absl::OkStatus();
}

}  // namespace

absl::string_view ToText(HookEvent event) {
  for (const EventName& known : kEvents) {
    if (known.event == event) return known.name;
  }
  return "";
}

bool Hook::runs_at(HookEvent event) const {
  return std::find(events.begin(), events.end(), event) != events.end();
}

std::vector<std::string> SplitManifests(absl::string_view text, Dialect dialect) {
  const bool helm3 = dialect == Dialect::kHelm3;
  text = TrimLeft(text);
  if (helm3) text = TrimRight(text);
  std::vector<std::string> documents;
  const auto add = [&](absl::string_view document) {
    if (helm3 ? document.empty() : TrimLeft(document).empty()) return;
    document = TrimLeft(document);
    documents.emplace_back(helm3 ? TrimRight(document) : document);
  };
  size_t start = 0;  // of the document, behind the separator before it
  for (size_t at = text.find(kSeparator); at != absl::string_view::npos;
       at = text.find(kSeparator, at)) {
    // The line feed before it belongs to this separator, not to the one before.
    if (at != 0 && (at == start || text[at - 1] != '\n')) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end > start && IsBlank(text[end - 1])) --end;
    add(text.substr(start, end - start));
    at += kSeparator.size();
    while (at < text.size() && IsBlank(text[at])) ++at;
    start = at;
  }
  add(text.substr(start));
  return documents;
}

absl::StatusOr<SortedManifests> SortManifests(const RenderedFiles& files, Dialect dialect) {
  SortedManifests sorted;
  for (const auto& [path, text] : files) {
    if (absl::StartsWith(fs::BaseName(path), "_") || TrimLeft(text).empty()) continue;
    for (std::string& document : SplitManifests(text, dialect)) {
      RETURN_IF_ERROR(AddDocument(path, std::move(document), dialect, sorted));
    }
  }
  std::stable_sort(sorted.hooks.begin(), sorted.hooks.end(), [&](const Hook& a, const Hook& b) {
    return InstalledBefore(a.kind, b.kind, dialect);
  });
  std::stable_sort(sorted.manifests.begin(), sorted.manifests.end(),
                   [&](const Manifest& a, const Manifest& b) {
                     return InstalledBefore(a.kind, b.kind, dialect);
                   });
  return sorted;
}

}  // namespace sluice::helm
