// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/requests/request_info.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace sluice::devapi {
namespace {

bool IsTrue(absl::string_view text) { return text == "true" || text == "1" || text == "True"; }

std::string VerbOf(absl::string_view method) {
  if (method == "POST") return "create";
  if (method == "GET" || method == "HEAD") return "get";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return "delete";
  return "";
}

}  // namespace

Query::Query(absl::string_view query) {
  for (absl::string_view pair : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    const size_t equal = pair.find('=');
    const absl::string_view key = pair.substr(0, equal);
    const absl::string_view text =
        equal == absl::string_view::npos ? absl::string_view() : pair.substr(equal + 1);
    fields_.emplace_back(http::Unescape(key, true), http::Unescape(text, true));
  }
}

absl::string_view Query::Get(absl::string_view name) const {
  for (const auto& [key, text] : fields_) {
    if (key == name) return text;
  }
  return "";
}

bool Query::Has(absl::string_view name) const {
  for (const auto& [key, text] : fields_) {
    if (key == name) return true;
  }
  return false;
}

std::vector<std::string> Query::All(absl::string_view name) const {
  std::vector<std::string> result;
  for (const auto& [key, text] : fields_) {
    if (key == name) result.push_back(text);
  }
  return result;
}

RequestInfo ParseRequest(absl::string_view method, absl::string_view raw_path, const Query& query) {
  RequestInfo info;
  info.verb = absl::AsciiStrToLower(method);
  std::vector<std::string> parts;
  for (absl::string_view part : absl::StrSplit(raw_path, '/', absl::SkipEmpty())) {
    parts.push_back(http::Unescape(part, false));
  }
  info.path = absl::StrCat("/", absl::StrJoin(parts, "/"));
  size_t at = 0;
  if (parts.size() >= 3 && parts[0] == "api") {
    info.version = parts[1];
    at = 2;
  } else if (parts.size() >= 4 && parts[0] == "apis") {
    info.group = parts[1];
    info.version = parts[2];
    at = 3;
  } else {
    return info;
  }
  info.is_resource = true;
  info.verb = VerbOf(method);
  if (parts[at] == "watch" && parts.size() > at + 1) {  // the deprecated form, still served
    info.verb = "watch";
    ++at;
  }
  if (parts[at] == "namespaces" && parts.size() > at + 1) {
    info.ns = parts[at + 1];
    info.path_has_namespace = true;
    // "namespaces/x" and its own subresources name the Namespace; anything longer lies inside it.
    const bool inside =
        parts.size() > at + 2 && parts[at + 2] != "status" && parts[at + 2] != "finalize";
    if (inside) at += 2;
  }
  info.resource = parts[at];
  if (parts.size() > at + 1) info.name = parts[at + 1];
  if (parts.size() > at + 2) info.subresource = parts[at + 2];
  for (size_t i = at + 3; i < parts.size(); ++i) info.rest.push_back(parts[i]);
  if (info.verb == "get" && info.name.empty()) {
    info.verb = IsTrue(query.Get("watch")) ? "watch" : "list";
  } else if (info.verb == "delete" && info.name.empty()) {
    info.verb = "deletecollection";
  }
  return info;
}

}  // namespace sluice::devapi
