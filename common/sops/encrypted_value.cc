// SPDX-License-Identifier: Apache-2.0
#include "common/sops/encrypted_value.h"

#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/crypto/aead.h"

namespace sluice::sops {
namespace {

struct Parts {
  std::string data, nonce, tag;
  absl::string_view type;
};

absl::Status Malformed(absl::string_view part) {
  return absl::InvalidArgumentError(
      absl::StrCat("Error base64-decoding ", part, ": illegal base64 data"));
}

// Cuts what follows the last `label` off `rest`; nothing if there is none, or nothing around it.
std::optional<absl::string_view> TakeLast(absl::string_view& rest, absl::string_view label) {
  const size_t at = rest.rfind(label);
  if (at == absl::string_view::npos || at == 0 || at + label.size() == rest.size()) {
    return std::nullopt;
  }
  const absl::string_view part = rest.substr(at + label.size());
  rest = rest.substr(0, at);
  return part;
}

absl::StatusOr<Parts> Parse(absl::string_view text) {
  const absl::Status unlike =
      absl::InvalidArgumentError("Input string <redacted> does not match sops' data format");
  absl::string_view rest = text;
  const size_t end = rest.rfind(']');
  if (end == absl::string_view::npos || text.substr(0, end).find('\n') != absl::string_view::npos) {
    return unlike;
  }
  rest = rest.substr(0, end);
  if (!absl::ConsumePrefix(&rest, "ENC[AES256_GCM,data:")) return unlike;
  const std::optional<absl::string_view> type = TakeLast(rest, ",type:");
  const std::optional<absl::string_view> tag =
      type.has_value() ? TakeLast(rest, ",tag:") : std::nullopt;
  const std::optional<absl::string_view> nonce =
      tag.has_value() ? TakeLast(rest, ",iv:") : std::nullopt;
  if (!nonce.has_value()) return unlike;
  Parts parts;
  parts.type = *type;
  if (!absl::Base64Unescape(rest, &parts.data)) return Malformed("data");
  if (!absl::Base64Unescape(*nonce, &parts.nonce)) return Malformed("iv");
  if (!absl::Base64Unescape(*tag, &parts.tag)) return Malformed("tag");
  return parts;
}

// Go's strconv.ParseBool.
std::optional<bool> ParseBool(absl::string_view text) {
  for (const char* yes : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

absl::StatusOr<Node> NodeOf(absl::string_view type, absl::string_view text) {
  using Kind = Node::Kind;
  const absl::Status unfit =
      absl::InvalidArgumentError(absl::StrCat("the value is no ", type, " as its type says"));
  if (type == "str") return Node::Text(Kind::kString, text);
  if (type == "bytes") return Node::Text(Kind::kBytes, text);
  if (type == "comment") return Node::Text(Kind::kComment, text);
  if (type == "int") {
    int64_t number = 0;
    if (!absl::SimpleAtoi(text, &number)) return unfit;
    return Node::Of(number);
  }
  if (type == "float") {
    double number = 0;
    if (!absl::SimpleAtod(text, &number)) return unfit;
    return Node::Of(number);
  }
  if (type == "bool") {
    const std::optional<bool> value = ParseBool(text);
    if (!value.has_value()) return unfit;
    return Node::Of(*value);
  }
  if (type == "time") {
    absl::Time time;
    if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return unfit;
    return Node::Text(Kind::kTime, text);
  }
  return absl::InvalidArgumentError(absl::StrCat("Unknown datatype: ", type));
}

}  // namespace

absl::StatusOr<Node> DecryptValue(absl::string_view text, const Secret& key,
                                  absl::string_view path) {
  if (text.empty()) return Node::Text(Node::Kind::kString, "");
  ASSIGN_OR_RETURN(const Parts parts, Parse(text));
  const auto opened = crypto::Open(crypto::Aead::kAes256Gcm, key, parts.nonce,
                                   absl::StrCat(parts.data, parts.tag), path);
  if (absl::IsPermissionDenied(opened.status())) {
    return absl::PermissionDeniedError(
        "Could not decrypt with AES_GCM: cipher: message authentication failed");
  }
  if (!opened.ok()) return opened.status();
  return NodeOf(parts.type, opened->Reveal());
}

}  // namespace sluice::sops
