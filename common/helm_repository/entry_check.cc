// SPDX-License-Identifier: Apache-2.0
#include "common/helm_repository/entry_check.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "common/semver/version.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::helm_repository {
namespace {

void Sanitize(absl::string_view& text, std::deque<std::string>& kept) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= 0x20 && c < 0x7F;  // false for what is not ASCII
  });
  if (plain) return;
  std::string& changed = kept.emplace_back();
  for (absl::string_view rest = text; !rest.empty();) {
    const text::Decoded decoded = text::DecodeFirst(rest);
    rest.remove_prefix(decoded.size);
    if (text::IsSpace(decoded.character)) {
      changed += ' ';
    } else if (text::IsPrintable(decoded.character)) {
      text::AppendCharacter(decoded.character, changed);
    }
  }
  text = changed;
}

void Sanitize(TextList& list, std::deque<std::string>& kept) {
  for (absl::string_view& text : list.items) Sanitize(text, kept);
}

bool IsAlias(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
  });
}

}  // namespace

bool CheckEntry(ChartEntry& entry, std::deque<std::string>& kept) {
  if (entry.api_version.empty()) entry.api_version = "v1";
  for (absl::string_view* text :
       {&entry.name, &entry.description, &entry.home, &entry.icon, &entry.condition, &entry.tags,
        &entry.app_version, &entry.kube_version}) {
    Sanitize(*text, kept);
  }
  Sanitize(entry.sources, kept);
  Sanitize(entry.keywords, kept);
  if (entry.name.empty() || entry.name == "." || entry.name == ".." ||
      entry.name.find('/') != absl::string_view::npos) {
    return false;
  }
  if (!semver::Version::Parse(entry.version).ok()) return false;
  if (!entry.type.empty() && entry.type != "application" && entry.type != "library") return false;
  for (EntryMaintainer& maintainer : entry.maintainers) {
    if (maintainer.is_null) return false;
    for (absl::string_view* text : {&maintainer.name, &maintainer.email, &maintainer.url}) {
      Sanitize(*text, kept);
    }
  }
  for (EntryDependency& dependency : entry.dependencies) {
    if (dependency.is_null) return false;
    for (absl::string_view* text : {&dependency.name, &dependency.version, &dependency.repository,
                                    &dependency.condition}) {
      Sanitize(*text, kept);
    }
    Sanitize(dependency.tags, kept);
    if (!IsAlias(dependency.alias)) return false;
  }
  return true;
}

}  // namespace sluice::helm_repository
