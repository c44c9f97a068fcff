// SPDX-License-Identifier: Apache-2.0
#include "common/age/header.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/age/base64.h"
#include "common/base/status_macros.h"

namespace sluice::age {
namespace {

constexpr absl::string_view kIntro = "age-encryption.org/v1\n";
constexpr absl::string_view kFooter = "---";
constexpr size_t kLineBytes = 48;  // of a body: 64 digits
constexpr size_t kMacBytes = 32;

absl::Status Malformed(absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("failed to read header: parsing age header: ", why));
}

// Takes the next line off `rest`, without its end. Nothing if there is none that is whole.
std::optional<absl::string_view> TakeLine(absl::string_view& rest) {
  const size_t end = rest.find('\n');
  if (end == absl::string_view::npos) return std::nullopt;
  const absl::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

bool IsArgument(absl::string_view text) {
  for (const char c : text) {
    if (c < 33 || c > 126) return false;
  }
  return !text.empty();
}

absl::StatusOr<Stanza> TakeStanza(absl::string_view& rest) {
  const std::optional<absl::string_view> opening = TakeLine(rest);
  absl::string_view words = opening.value_or("");
  if (!absl::ConsumePrefix(&words, "-> ")) return Malformed("malformed stanza opening line");
  std::vector<std::string> arguments = absl::StrSplit(words, ' ');
  if (arguments.size() > kMaxArguments + 1) return Malformed("too many arguments of a stanza");
  for (const std::string& argument : arguments) {
    if (!IsArgument(argument)) return Malformed("malformed stanza");
  }
  Stanza stanza;
  stanza.type = std::move(arguments.front());
  arguments.erase(arguments.begin());
  stanza.arguments = std::move(arguments);
  for (;;) {
    const std::optional<absl::string_view> line = TakeLine(rest);
    if (!line.has_value()) return Malformed("unexpected end");
    const std::optional<std::string> bytes = DecodeBase64(*line);
    if (!bytes.has_value() || bytes->size() > kLineBytes) return Malformed("malformed body line");
    stanza.body += *bytes;
    if (bytes->size() < kLineBytes) return stanza;
  }
}

}  // namespace

absl::StatusOr<Header> ParseHeader(absl::string_view file) {
  if (file.empty()) return Malformed("file is empty");
  absl::string_view rest = file.substr(0, kMaxHeader);
  if (!absl::ConsumePrefix(&rest, kIntro)) return Malformed("unexpected intro");
  Header header;
  while (!absl::StartsWith(rest, kFooter)) {
    if (header.stanzas.size() == kMaxStanzas) return Malformed("too many stanzas");
    ASSIGN_OR_RETURN(Stanza stanza, TakeStanza(rest));
    header.stanzas.push_back(std::move(stanza));
  }
  if (header.stanzas.empty()) return Malformed("no recipient stanzas");
  header.authenticated =
      std::string(file.substr(0, static_cast<size_t>(rest.data() - file.data()) + kFooter.size()));
  absl::string_view mac = TakeLine(rest).value_or("");
  std::optional<std::string> bytes;
  if (absl::ConsumePrefix(&mac, "--- ")) bytes = DecodeBase64(mac);
  if (!bytes.has_value() || bytes->size() != kMacBytes) return Malformed("malformed closing line");
  header.mac = *std::move(bytes);
  header.size = static_cast<size_t>(rest.data() - file.data());
  return header;
}

}  // namespace sluice::age
