// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace sluice::devapi {
namespace {

constexpr absl::string_view kLabelMessage =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must "
    "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
    "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr absl::string_view kSubdomainMessage =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', "
    "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
    "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr absl::string_view kDns1035Message =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
    "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
constexpr absl::string_view kNamePartMessage =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr absl::string_view kQualifiedNameMessage =
    "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used "
    "for "
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain "
    "prefix "
    "and '/' (e.g. 'example.com/MyName')";
constexpr absl::string_view kLabelValueMessage =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
    "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
constexpr absl::string_view kConfigKeyMessage =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name', "
    " "
    "or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlnum(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }
bool IsLowerAlnum(char c) { return IsLower(c) || IsDigit(c); }

// First and last satisfy `edge`, all satisfy `edge` or are in `inner`.
bool IsFramed(absl::string_view text, bool (*edge)(char), absl::string_view inner) {
  return !text.empty() && edge(text.front()) && edge(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return edge(c) || inner.find(c) != absl::string_view::npos; });
}

bool IsLabel(absl::string_view text) { return IsFramed(text, IsLowerAlnum, "-"); }

bool IsSubdomain(absl::string_view text) {
  const std::vector<absl::string_view> labels = absl::StrSplit(text, '.');
  return std::all_of(labels.begin(), labels.end(), IsLabel);
}

bool IsNamePart(absl::string_view text) { return IsFramed(text, IsAlnum, "-_."); }

void CheckLength(absl::string_view text, size_t max, absl::string_view prefix, Messages& out) {
  if (text.size() > max) {
    out.push_back(absl::StrCat(prefix, "must be no more than ", max, " characters"));
  }
}

}  // namespace

Messages CheckDnsLabel(absl::string_view text) {
  Messages out;
  CheckLength(text, 63, "", out);
  if (!IsLabel(text)) {
    // A name that is fine but for its dots gets the shorter text.
    out.emplace_back(IsSubdomain(text) ? "must not contain dots" : kLabelMessage);
  }
  return out;
}

Messages CheckDnsSubdomain(absl::string_view text) {
  Messages out;
  CheckLength(text, 253, "", out);
  if (!IsSubdomain(text)) out.emplace_back(kSubdomainMessage);
  return out;
}

Messages CheckDns1035Label(absl::string_view text) {
  Messages out;
  CheckLength(text, 63, "", out);
  if (!IsLabel(text) || !IsLower(text.front())) out.emplace_back(kDns1035Message);
  return out;
}

Messages CheckQualifiedName(absl::string_view text) {
  Messages out;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  if (parts.size() > 2) return {std::string(kQualifiedNameMessage)};
  if (parts.size() == 2) {
    if (parts[0].empty()) {
      out.emplace_back("prefix part must be non-empty");
    } else {
      for (const std::string& message : CheckDnsSubdomain(parts[0])) {
        out.push_back(absl::StrCat("prefix part ", message));
      }
    }
  }
  const absl::string_view name = parts.back();
  if (name.empty()) {
    out.emplace_back("name part must be non-empty");
  }
  CheckLength(name, 63, "name part ", out);
  if (!IsNamePart(name)) out.emplace_back(kNamePartMessage);
  return out;
}

Messages CheckLabelValue(absl::string_view text) {
  Messages out;
  CheckLength(text, 63, "", out);
  if (!text.empty() && !IsNamePart(text)) out.emplace_back(kLabelValueMessage);
  return out;
}

Messages CheckConfigKey(absl::string_view text) {
  Messages out;
  CheckLength(text, 253, "", out);
  const bool fine = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return IsAlnum(c) || c == '-' || c == '_' || c == '.';
  });
  if (!fine) out.emplace_back(kConfigKeyMessage);
  if (text == ".") {
    out.emplace_back("must not be '.'");
  } else if (text == "..") {
    out.emplace_back("must not be '..'");
  } else if (absl::StartsWith(text, "..")) {
    out.emplace_back("must not start with '..'");
  }
  return out;
}

Messages CheckEnvVarName(absl::string_view text) {
  const bool fine = std::all_of(text.begin(), text.end(), [](char c) {
    return c != '=' && absl::ascii_isprint(static_cast<unsigned char>(c));
  });
  if (fine) return {};
  return {
      "a valid environment variable name must consist only of printable ASCII characters other "
      "than '='"};
}

Messages CheckPortName(absl::string_view text) {
  Messages out;
  if (text.size() > 15) out.emplace_back("must be no more than 15 characters");
  if (text.empty() ||
      !std::all_of(text.begin(), text.end(), [](char c) { return IsLowerAlnum(c) || c == '-'; })) {
    out.emplace_back("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (!std::any_of(text.begin(), text.end(), IsLower)) {
    out.emplace_back("must contain at least one letter (a-z)");
  }
  if (absl::StrContains(text, "--")) out.emplace_back("must not contain consecutive hyphens");
  if (!text.empty() && (text.front() == '-' || text.back() == '-')) {
    out.emplace_back("must not begin or end with a hyphen");
  }
  return out;
}

Messages CheckPortNumber(int64_t port) {
  if (port >= 1 && port <= 65535) return {};
  return {"must be between 1 and 65535, inclusive"};
}

Messages CheckPathSegment(absl::string_view text) {
  for (const char* name : {".", ".."}) {
    if (text == name) return {absl::StrCat("may not be '", name, "'")};
  }
  Messages out;
  for (const char* part : {"/", "%"}) {
    if (absl::StrContains(text, part)) out.push_back(absl::StrCat("may not contain '", part, "'"));
  }
  return out;
}

NameRule NameRuleOf(absl::string_view group, absl::string_view kind) {
  if (group == "rbac.authorization.k8s.io") return NameRule::kPathSegment;
  if (group.empty() && kind == "Namespace") return NameRule::kDnsLabel;
  if (group == "apps" && kind == "StatefulSet") return NameRule::kDnsLabel;
  if (group.empty() && kind == "Service") return NameRule::kDns1035Label;
  return NameRule::kDnsSubdomain;
}

Messages CheckName(NameRule rule, absl::string_view text, bool is_prefix) {
  // A generated name goes on with letters and digits, so a prefix may end with a hyphen.
  std::string name(text);
  if (is_prefix && name.size() > 1 && name.back() == '-') name.back() = 'a';
  switch (rule) {
    case NameRule::kDnsSubdomain:
      return CheckDnsSubdomain(name);
    case NameRule::kDnsLabel:
      return CheckDnsLabel(name);
    case NameRule::kDns1035Label:
      return CheckDns1035Label(name);
    case NameRule::kPathSegment:
      return CheckPathSegment(name);
  }
  return {};
}

}  // namespace sluice::devapi
