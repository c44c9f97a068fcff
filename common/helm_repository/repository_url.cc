// SPDX-License-Identifier: Apache-2.0
#include "common/helm_repository/repository_url.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/text/url_path.h"

namespace sluice::helm_repository {
namespace {

// Cut apart, nothing decoded.
struct Parts {
  std::string scheme;     // lower case, "" if there is none
  std::string authority;  // with user info and port
  std::string path;
  std::string query;  // with its "?"
};

bool IsScheme(absl::string_view text) {
  if (text.empty() || !absl::ascii_isalpha(static_cast<unsigned char>(text[0]))) return false;
  for (const char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '+' && c != '-' && c != '.') {
      return false;
    }
  }
  return true;
}

absl::StatusOr<Parts> Split(absl::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      return absl::InvalidArgumentError("net/url: invalid control character in URL");
    }
  }
  Parts parts;
  text = text.substr(0, text.find('#'));
  if (const size_t colon = text.find(':');
      colon != absl::string_view::npos && colon < text.find('/')) {
    if (colon == 0) return absl::InvalidArgumentError("missing protocol scheme");
    if (!IsScheme(text.substr(0, colon))) {
      return absl::InvalidArgumentError("first path segment in URL cannot contain colon");
    }
    parts.scheme = absl::AsciiStrToLower(text.substr(0, colon));
    text.remove_prefix(colon + 1);
  }
  if (const size_t question = text.find('?'); question != absl::string_view::npos) {
    parts.query = std::string(text.substr(question));
    text = text.substr(0, question);
  }
  if (absl::ConsumePrefix(&text, "//")) {
    const size_t slash = text.find('/');
    parts.authority = std::string(text.substr(0, slash));
    text = slash == absl::string_view::npos ? "" : text.substr(slash);
  }
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') continue;
    const auto hex = [&](size_t at) {
      return at < text.size() && absl::ascii_isxdigit(static_cast<unsigned char>(text[at]));
    };
    if (!hex(i + 1) || !hex(i + 2)) {
      return absl::InvalidArgumentError(
          absl::StrCat("invalid URL escape \"", text.substr(i, 3), "\""));
    }
  }
  parts.path = std::string(text);
  return parts;
}

std::string Join(const Parts& parts) {
  return absl::StrCat(parts.scheme, parts.scheme.empty() ? "" : ":",
                      parts.authority.empty() ? "" : "//", parts.authority, parts.path,
                      parts.query);
}

absl::string_view WithoutSlashes(absl::string_view path) {
  while (absl::EndsWith(path, "/")) path.remove_suffix(1);
  return path;
}

}  // namespace

absl::StatusOr<std::string> NormalizeUrl(absl::string_view url) {
  if (url.empty()) return std::string();
  ASSIGN_OR_RETURN(Parts parts, Split(url));
  parts.path = std::string(WithoutSlashes(parts.path));
  if (parts.scheme != "oci") parts.path += '/';
  return Join(parts);
}

absl::StatusOr<std::string> IndexUrl(absl::string_view repository) {
  ASSIGN_OR_RETURN(Parts parts, Split(repository));
  parts.path = absl::StrCat(WithoutSlashes(parts.path), "/index.yaml");
  return Join(parts);
}

absl::StatusOr<std::string> ChartUrl(absl::string_view repository, absl::string_view reference) {
  ASSIGN_OR_RETURN(Parts chart, Split(reference));
  if (!chart.scheme.empty()) return std::string(reference);
  ASSIGN_OR_RETURN(const Parts base, Split(repository));
  chart.scheme = base.scheme;
  if (chart.authority.empty()) {
    chart.authority = base.authority;
    if (!absl::StartsWith(chart.path, "/")) {
      chart.path = absl::StrCat(WithoutSlashes(base.path), "/", chart.path);
    }
  }
  chart.path = text::RemoveDotSegments(chart.path);
  chart.query = base.query;
  return Join(chart);
}

}  // namespace sluice::helm_repository
