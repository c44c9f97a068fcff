// SPDX-License-Identifier: Apache-2.0
#include "common/oci/tag_pages.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/http/redirect.h"
#include "common/value/json.h"

namespace sluice::oci {
namespace {

// What the Link field names as next; empty if it names nothing.
absl::StatusOr<std::string> NextOf(absl::string_view url, const http::Response& page) {
  const absl::string_view link = page.headers.Get("Link");
  if (link.empty()) return "";
  const size_t end = link.find('>');
  if (link[0] != '<' || end == absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat("failed to parse link header: missing '",
                                                   link[0] == '<' ? ">" : "<",
                                                   "' in: ", link.substr(0, 200)));
  }
  ASSIGN_OR_RETURN(const http::Url here, http::Url::Parse(url));
  ASSIGN_OR_RETURN(const http::Url next, http::ResolveRedirect(here, link.substr(1, end - 1)));
  if (!http::SameOrigin(here, next)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the next page of tags is on ", next.Origin(), ", not on ", here.Origin()));
  }
  return next.Redacted();
}

}  // namespace

absl::StatusOr<std::string> TagPages::Add(absl::string_view url, const http::Response& page) {
  const absl::StatusOr<Value> list = value::ParseJson(page.body);
  if (!list.ok()) return Annotate(list.status(), absl::StrCat("GET ", url));
  const Value& tags = (*list)["tags"];
  if (!list->is_object() || (!tags.is_null() && !tags.is_array())) {
    return absl::InvalidArgumentError(absl::StrCat("GET ", url, ": no list of tags"));
  }
  for (const Value& tag : tags.items()) {
    bytes_ += tag.str().size() + sizeof(std::string);  // what it takes here
    if (bytes_ > limits_.tag_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("GET ", url, ": more than ", limits_.tag_bytes, " bytes of tags"));
    }
    tags_.emplace_back(tag.str());
  }
  seen_.emplace(url);
  ASSIGN_OR_RETURN(std::string next, NextOf(url, page));
  if (seen_.contains(next)) {
    return absl::FailedPreconditionError(
        absl::StrCat("GET ", url, ": its next page was read before"));
  }
  if (!next.empty() && static_cast<int>(seen_.size()) >= limits_.tag_pages) {
    return absl::ResourceExhaustedError(
        absl::StrCat("GET ", url, ": more than ", limits_.tag_pages, " pages of tags"));
  }
  return next;
}

}  // namespace sluice::oci
