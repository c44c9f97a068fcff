// SPDX-License-Identifier: Apache-2.0
#include "common/git/submodules.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/git/pkt_line.h"

namespace sluice::git {
namespace {

constexpr size_t kMaxSubmodules = 256;

absl::Status Malformed(int line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(".gitmodules line ", line, ": ", what));
}

// Reads Git's configuration format (git-config): sections, "key = value", quotes, comments.
class ConfigReader {
 public:
  explicit ConfigReader(absl::string_view text) : rest_(text) {}

  // The next key with its section; nothing at the end.
  struct Setting {
    std::string section;     // "submodule", lower case
    std::string subsection;  // as written
    std::string key;         // lower case
    std::string value;
  };
  absl::StatusOr<std::optional<Setting>> Next() {
    while (true) {
      SkipBlanks();
      if (rest_.empty()) return std::optional<Setting>();
      const char c = rest_.front();
      if (c == '\n') {
        Take();
      } else if (c == '#' || c == ';') {
        while (!rest_.empty() && rest_.front() != '\n') Take();
      } else if (c == '[') {
        RETURN_IF_ERROR(ReadSection());
      } else {
        return ReadSetting();
      }
    }
  }
  int line() const { return line_; }

 private:
  char Take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '\n') ++line_;
    return c;
  }
  void SkipBlanks() {
    while (!rest_.empty() && absl::ascii_isspace(rest_.front()) && rest_.front() != '\n') Take();
  }

  absl::Status ReadSection() {
    Take();
    section_.clear();
    subsection_.clear();
    while (!rest_.empty() &&
           (absl::ascii_isalnum(rest_.front()) || rest_.front() == '-' || rest_.front() == '.')) {
      section_.push_back(absl::ascii_tolower(Take()));
    }
    SkipBlanks();
    if (absl::ConsumePrefix(&rest_, "\"")) {
      while (!rest_.empty() && rest_.front() != '"' && rest_.front() != '\n') {
        if (rest_.front() == '\\') Take();
        if (!rest_.empty()) subsection_.push_back(Take());
      }
      if (!absl::ConsumePrefix(&rest_, "\"")) return Malformed(line_, "unfinished section name");
    }
    if (section_.empty() || !absl::ConsumePrefix(&rest_, "]")) {
      return Malformed(line_, "malformed section name");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<Setting>> ReadSetting() {
    Setting setting{.section = section_, .subsection = subsection_};
    while (!rest_.empty() && (absl::ascii_isalnum(rest_.front()) || rest_.front() == '-')) {
      setting.key.push_back(absl::ascii_tolower(Take()));
    }
    if (setting.key.empty()) return Malformed(line_, "malformed key");
    SkipBlanks();
    if (absl::ConsumePrefix(&rest_, "=")) {
      ASSIGN_OR_RETURN(setting.value, ReadValue());
    } else if (!rest_.empty() && rest_.front() != '\n') {
      return Malformed(line_, "malformed key");
    }
    return std::optional<Setting>(std::move(setting));
  }

  absl::StatusOr<std::string> ReadValue() {
    SkipBlanks();
    std::string value;
    size_t kept = 0;  // what is quoted or no blank; trailing blanks go
    bool quoted = false;
    while (!rest_.empty() && rest_.front() != '\n') {
      char c = Take();
      if (c == '"') {
        quoted = !quoted;
        kept = value.size();
        continue;
      }
      if (!quoted && (c == '#' || c == ';')) {
        while (!rest_.empty() && rest_.front() != '\n') Take();
        break;
      }
      if (c == '\\') {
        if (rest_.empty()) return Malformed(line_, "a value ends in a backslash");
        c = Take();
        if (c == '\n') continue;  // goes on in the next line
        if (c == 'n') c = '\n';
        if (c == 't') c = '\t';
        value.push_back(c);
        kept = value.size();
        continue;
      }
      value.push_back(c);
      if (quoted || !absl::ascii_isspace(c)) kept = value.size();
    }
    if (quoted) return Malformed(line_, "unfinished quotes");
    value.resize(kept);
    return value;
  }

  absl::string_view rest_;
  int line_ = 1;
  std::string section_;
  std::string subsection_;
};

}  // namespace

absl::StatusOr<std::vector<Submodule>> ParseGitmodules(absl::string_view text) {
  ConfigReader reader(text);
  std::vector<Submodule> found;
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<ConfigReader::Setting> setting, reader.Next());
    if (!setting.has_value()) break;
    if (setting->section != "submodule" || setting->subsection.empty()) continue;
    auto submodule = std::find_if(found.begin(), found.end(), [&setting](const Submodule& other) {
      return other.name == setting->subsection;
    });
    if (submodule == found.end()) {
      if (found.size() == kMaxSubmodules) {
        return Malformed(reader.line(), absl::StrCat("more than ", kMaxSubmodules, " submodules"));
      }
      submodule = found.insert(found.end(), Submodule{.name = setting->subsection});
    }
    if (setting->key == "url") submodule->url = setting->value;
    if (setting->key == "path") {
      submodule->path = std::string(absl::StripSuffix(setting->value, "/"));
      if (submodule->path.empty() || !fs::IsCleanPath(submodule->path)) {
        return Malformed(reader.line(), "a path is not within the repository");
      }
    }
  }
  found.erase(std::remove_if(found.begin(), found.end(),
                             [](const Submodule& submodule) {
                               return submodule.path.empty() || submodule.url.empty();
                             }),
              found.end());
  return found;
}

absl::StatusOr<std::string> ResolveSubmoduleUrl(absl::string_view parent, absl::string_view url) {
  if (absl::StartsWith(url, "./") || absl::StartsWith(url, "../")) {
    std::string base(absl::StripSuffix(parent, "/"));
    const size_t scheme = base.find("://");
    const size_t root = scheme == std::string::npos ? 0 : base.find('/', scheme + 3);
    while (true) {
      if (absl::ConsumePrefix(&url, "./")) continue;
      if (!absl::ConsumePrefix(&url, "../")) break;
      const size_t slash = base.rfind('/');
      if (root == std::string::npos || slash == std::string::npos || slash < root) {
        return absl::InvalidArgumentError("a submodule's URL leads above its host");
      }
      base.resize(slash);
    }
    return absl::StrCat(base, "/", url);
  }
  // "user@host:path", where what is before the colon has no slash.
  const size_t colon = url.find(':');
  const size_t slash = url.find('/');
  if (!absl::StrContains(url, "://") && colon != absl::string_view::npos && colon > 0 &&
      (slash == absl::string_view::npos || colon < slash)) {
    return absl::StrCat("ssh://", url.substr(0, colon), "/",
                        absl::StripPrefix(url.substr(colon + 1), "/"));
  }
  return std::string(url);
}

}  // namespace sluice::git
