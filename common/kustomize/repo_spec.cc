// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/repo_spec.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace sluice::kustomize {
namespace {

bool ConsumePrefixIgnoreCase(absl::string_view& text, absl::string_view prefix) {
  if (!absl::StartsWithIgnoreCase(text, prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

absl::string_view TakeScheme(absl::string_view& text) {
  for (absl::string_view scheme : {"ssh://", "https://", "http://", "file://"}) {
    if (ConsumePrefixIgnoreCase(text, scheme)) return scheme;
  }
  return absl::string_view();
}

// "user@" at the start.
absl::string_view TakeUser(absl::string_view& text) {
  size_t end = 0;
  while (end < text.size() && (absl::ascii_isalnum(static_cast<unsigned char>(text[end])) ||
                               (end > 0 && text[end] == '-'))) {
    ++end;
  }
  const bool is_user = end > 0 && end < text.size() && text[end] == '@' &&
                       absl::ascii_isalpha(static_cast<unsigned char>(text[0]));
  const absl::string_view user = is_user ? text.substr(0, end + 1) : absl::string_view();
  text.remove_prefix(user.size());
  return user;
}

struct PathParts {
  std::string repo;
  std::string inside;
};

// The repository ends where a marker says so, or after two segments.
std::optional<PathParts> SplitRepoPath(absl::string_view path, bool whole) {
  if (const size_t at = path.find("_git/"); at != absl::string_view::npos) {
    const size_t end = path.find('/', at + 5);
    if (end == absl::string_view::npos) return PathParts{std::string(path), ""};
    return PathParts{std::string(path.substr(0, end)), std::string(path.substr(end + 1))};
  }
  if (const size_t at = path.find("//"); at != absl::string_view::npos) {
    return PathParts{std::string(path.substr(0, at)), std::string(path.substr(at + 2))};
  }
  if (const size_t at = path.find(".git"); at != absl::string_view::npos) {
    return PathParts{std::string(path.substr(0, at + 4)), std::string(path.substr(at + 4))};
  }
  if (whole) return PathParts{std::string(path), ""};
  const std::vector<absl::string_view> segments = absl::StrSplit(path, '/');
  if (segments.size() < 2) return std::nullopt;
  return PathParts{absl::StrCat(segments[0], "/", segments[1]),
                   absl::StrJoin(segments.begin() + 2, segments.end(), "/")};
}

bool LeavesRepo(absl::string_view path) {
  int depth = 0;
  for (absl::string_view step : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    if (step == "..") {
      if (--depth < 0) return true;
    } else if (step != ".") {
      ++depth;
    }
  }
  return false;
}

std::string QueryRef(absl::string_view query) {
  std::string version;
  for (absl::string_view pair : absl::StrSplit(query, '&')) {
    if (absl::ConsumePrefix(&pair, "ref=") && !pair.empty()) return std::string(pair);
    if (absl::ConsumePrefix(&pair, "version=")) version = std::string(pair);
  }
  return version;
}

}  // namespace

std::optional<RepoSpec> ParseRepoSpec(absl::string_view text) {
  if (absl::StartsWith(text, "/")) return std::nullopt;
  RepoSpec spec;
  if (const size_t question = text.find('?'); question != absl::string_view::npos) {
    spec.ref = QueryRef(text.substr(question + 1));
    text = text.substr(0, question);
  }
  ConsumePrefixIgnoreCase(text, "git::");
  absl::string_view scheme = TakeScheme(text);
  absl::string_view user = TakeUser(text);
  const bool github = absl::StartsWithIgnoreCase(text, "github.com/") ||
                      absl::StartsWithIgnoreCase(text, "github.com:");
  const bool scp_style = scheme.empty() && (!user.empty() || github);
  if (scheme.empty() && !scp_style) return std::nullopt;
  const bool is_file = scheme == "file://";
  std::string host;
  std::string rest;
  if (is_file) {
    host = std::string(scheme);
    rest = absl::StrCat(user, text);
  } else {
    size_t end = text.find('/');
    if (scp_style) {
      const size_t colon = text.find(':');
      if (end == absl::string_view::npos ||
          (colon != absl::string_view::npos && colon > 0 && colon < end)) {
        end = colon;
      }
    }
    if (end == absl::string_view::npos) {
      host = std::string(text);
    } else {
      host = std::string(text.substr(0, end + 1));
      rest = std::string(text.substr(end + 1));
    }
    if (github) {
      if (scheme == "ssh://" || !user.empty()) {
        host = "github.com:";
        scheme = absl::string_view();
      } else {
        host = "github.com/";
        scheme = "https://";
        user = absl::string_view();
      }
    }
    if (host.empty()) return std::nullopt;
    host = absl::StrCat(scheme, user, host);
  }
  std::optional<PathParts> parts = SplitRepoPath(rest, is_file);
  if (!parts.has_value() || parts->repo.empty() || LeavesRepo(parts->inside)) return std::nullopt;
  spec.clone_url = absl::StrCat(host, parts->repo);
  spec.path = std::string(absl::StripPrefix(parts->inside, "/"));
  return spec;
}

}  // namespace sluice::kustomize
