// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/sprig/convert.h"
#include "common/sprig/sprig.h"
#include "common/sprig/url.h"

namespace sluice::sprig {
namespace {

using gotmpl::Call;
using gotmpl::Map;
using gotmpl::Value;
namespace types = gotmpl::types;

absl::Status WithPrefix(absl::string_view prefix, const absl::Status& error) {
  return Failure(absl::StrCat(prefix, ": ", error.message()));
}

absl::StatusOr<Value> UrlParse(Call& call) {
  const absl::StatusOr<Url> url = Url::Parse(call.text(0));
  if (!url.ok()) return WithPrefix("unable to parse url", url.status());
  return Value::FromMap({{"scheme", Value::String(url->scheme)},
                         {"host", Value::String(url->host)},
                         {"hostname", Value::String(url->HostName())},
                         {"path", Value::String(url->path)},
                         {"query", Value::String(url->query)},
                         {"opaque", Value::String(url->opaque)},
                         {"fragment", Value::String(url->fragment)},
                         {"userinfo", Value::String(url->user ? url->user->Text() : "")}});
}

absl::StatusOr<std::string> Member(const Value& dict, absl::string_view key) {
  const Value* member = dict.Find(key);
  if (member == nullptr) return "";
  if (member->is_untyped_nil()) return NilDereference();
  if (member->is_string()) return std::string(member->text());
  return Failure(absl::StrCat("unable to parse ", key, " key, must be of type string, but ",
                              KindName(*member), " found"));
}

absl::StatusOr<Value> UrlJoin(Call& call) {
  Url url;
  ASSIGN_OR_RETURN(url.scheme, Member(call[0], "scheme"));
  ASSIGN_OR_RETURN(url.host, Member(call[0], "host"));
  ASSIGN_OR_RETURN(url.path, Member(call[0], "path"));
  ASSIGN_OR_RETURN(url.query, Member(call[0], "query"));
  ASSIGN_OR_RETURN(url.opaque, Member(call[0], "opaque"));
  ASSIGN_OR_RETURN(url.fragment, Member(call[0], "fragment"));
  ASSIGN_OR_RETURN(const std::string user, Member(call[0], "userinfo"));
  if (!user.empty()) {
    absl::StatusOr<Url> with_user = Url::Parse(absl::StrCat("proto://", user, "@host"));
    if (!with_user.ok()) return WithPrefix("unable to parse userinfo in dict", with_user.status());
    url.user = std::move(with_user->user);
  }
  return Value::String(url.Text());
}

}  // namespace

std::vector<gotmpl::Function> UrlFunctions() {
  return {{.name = "urlParse",
           .parameters = {&types::kString},
           .result = &types::kMap,
           .doc = "The parts of the URL as a dict.",
           .code = UrlParse},
          {.name = "urlJoin",
           .parameters = {&types::kMap},
           .result = &types::kString,
           .doc = "The URL of the parts that urlParse gives.",
           .code = UrlJoin}};
}

}  // namespace sluice::sprig
