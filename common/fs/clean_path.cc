// SPDX-License-Identifier: Apache-2.0
#include "common/fs/clean_path.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace sluice::fs {
namespace {

absl::Status Refused(absl::string_view path, absl::string_view reason) {
  constexpr size_t kShown = 256;
  return absl::InvalidArgumentError(absl::StrCat("invalid path \"",
                                                 absl::Utf8SafeCEscape(path.substr(0, kShown)),
                                                 path.size() > kShown ? "…" : "", "\": ", reason));
}

absl::Status CheckBytes(absl::string_view path) {
  if (path.size() > kMaxPathBytes) return Refused(path, "too long");
  if (path.find('\0') != absl::string_view::npos) return Refused(path, "contains a NUL byte");
  return absl::OkStatus();
}

// The elements of `path` put after those in `elements`, ".." taking one away. False if one was to
// be taken away from none; that ".." is then left out.
bool Append(absl::string_view path, std::vector<absl::string_view>& elements) {
  bool inside = true;
  for (const absl::string_view element : absl::StrSplit(path, '/')) {
    if (element.empty() || element == ".") continue;
    if (element != "..") {
      elements.push_back(element);
    } else if (elements.empty()) {
      inside = false;
    } else {
      elements.pop_back();
    }
  }
  return inside;
}

absl::StatusOr<std::string> Joined(const std::vector<absl::string_view>& elements) {
  std::string joined = absl::StrJoin(elements, "/");
  if (joined.size() > kMaxPathBytes) return Refused(joined, "too long");
  return joined;
}

}  // namespace

absl::Status CheckCleanPath(absl::string_view path) {
  if (absl::Status status = CheckBytes(path); !status.ok()) return status;
  if (path.empty()) return absl::OkStatus();
  for (const absl::string_view element : absl::StrSplit(path, '/')) {
    if (element.empty() || element == "." || element == "..") {
      return Refused(path, "must be relative, without empty, \".\" or \"..\" elements");
    }
  }
  return absl::OkStatus();
}

bool IsCleanPath(absl::string_view path) { return CheckCleanPath(path).ok(); }

absl::StatusOr<std::string> CleanPath(absl::string_view path) { return JoinPath("", path); }

absl::StatusOr<std::string> JoinPath(absl::string_view base, absl::string_view path) {
  if (absl::Status status = CheckBytes(path); !status.ok()) return status;
  if (absl::StartsWith(path, "/")) return Refused(path, "must be relative");
  std::vector<absl::string_view> elements;
  if (!Append(base, elements) || !Append(path, elements)) {
    return Refused(path, "leads outside the root");
  }
  return Joined(elements);
}

absl::StatusOr<std::string> SecureJoin(absl::string_view base, absl::string_view path) {
  if (absl::Status status = CheckBytes(path); !status.ok()) return status;
  std::vector<absl::string_view> below;
  Append(path, below);
  std::vector<absl::string_view> elements;
  Append(base, elements);
  elements.insert(elements.end(), below.begin(), below.end());
  return Joined(elements);
}

absl::string_view BaseName(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

absl::string_view ParentPath(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? absl::string_view() : path.substr(0, slash);
}

}  // namespace sluice::fs
