// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/requests/continue_token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/devapi/requests/api_error.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr int64_t kInconsistent = -1;  // in place of a version

}  // namespace

std::string ContinueToken::Encode() const {
  const std::string start = after.ns.empty() ? after.name : absl::StrCat(after.ns, "/", after.name);
  const Value token = {{"v", "meta.k8s.io/v1"},
                       {"rv", consistent ? Value(version) : Value(kInconsistent)},
                       {"start", absl::StrCat(start, absl::string_view("\0", 1))}};
  std::string text = absl::WebSafeBase64Escape(value::FormatJson(token));
  return text;
}

absl::StatusOr<ContinueToken> ContinueToken::Decode(absl::string_view text) {
  const auto invalid = [](absl::string_view why) {
    return BadRequest(absl::StrCat("invalid continue token: continue key is not valid: ", why));
  };
  std::string json;
  if (!absl::WebSafeBase64Unescape(text, &json))
    return invalid("illegal base64 data at input byte 0");
  absl::StatusOr<Value> token = value::ParseJson(json);
  if (!token.ok()) return invalid(token.status().message());
  if ((*token)["v"].str() != "meta.k8s.io/v1") {
    return invalid(
        absl::StrCat("server does not recognize this encoded version ", (*token)["v"].str()));
  }
  ContinueToken result;
  result.consistent = (*token)["rv"].int_or(0) != kInconsistent;
  result.version = (*token)["rv"].uint_or(0);
  std::string start((*token)["start"].str());
  if (result.version == 0 && result.consistent)
    return invalid("incorrect encoded start resourceVersion");
  if (start.empty() || start.back() != '\0') return invalid("encoded start key empty");
  start.pop_back();
  const size_t slash = start.find('/');
  if (slash == std::string::npos) {
    result.after.name = start;
  } else {
    result.after = {start.substr(0, slash), start.substr(slash + 1)};
  }
  return result;
}

}  // namespace sluice::devapi
