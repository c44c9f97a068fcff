// The values of the keyword "format" that are checked.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::jsonschema {

// What is wrong with a text, in the words of messages; nothing if it is of the format.
using FormatFault = std::optional<std::string>;

struct Format {
  absl::string_view name;
  FormatFault (*check)(absl::string_view text);
};

// Null for names that are not known, whose texts are all valid.
const Format* FindFormat(absl::string_view name);

// Shared by the files of formats, and by those that combine them.
FormatFault CheckDate(absl::string_view text);
FormatFault CheckTime(absl::string_view text);
FormatFault CheckDateTime(absl::string_view text);
FormatFault CheckDuration(absl::string_view text);
FormatFault CheckPeriod(absl::string_view text);
FormatFault CheckIpv4(absl::string_view text);
FormatFault CheckIpv6(absl::string_view text);
FormatFault CheckHostname(absl::string_view text);
FormatFault CheckEmail(absl::string_view text);
FormatFault CheckUri(absl::string_view text);
FormatFault CheckUriReference(absl::string_view text);
FormatFault CheckUriTemplate(absl::string_view text);
FormatFault CheckSemver(absl::string_view text);

// A character as messages quote it: 'x', '\n', '\''.
std::string QuotedCharacter(char32_t character);
// The first character of `text` for which `admits` is false, and its quote.
FormatFault FirstRefused(absl::string_view text, bool (*admits)(char32_t character),
                         absl::string_view before, absl::string_view after = "");

}  // namespace sluice::jsonschema
