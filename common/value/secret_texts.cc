// SPDX-License-Identifier: Apache-2.0
#include "common/value/secret_texts.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/text/quote.h"
#include "common/value/json.h"

namespace sluice::value {

void SecretTexts::AddForm(absl::string_view form) {
  if (form.size() >= kShortest) forms_.emplace(form);
}

void SecretTexts::Add(absl::string_view text) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(text);
  AddForm(trimmed);
  AddForm(absl::Base64Escape(text));
  for (const absl::string_view line : absl::StrSplit(trimmed, '\n')) {
    const absl::string_view part = absl::StripAsciiWhitespace(line);
    AddForm(part);
    for (const std::string& quoted : {text::Quote(part), FormatJson(Value(part))}) {
      AddForm(absl::string_view(quoted).substr(1, quoted.size() - 2));
    }
  }
}

void SecretTexts::AddAll(const Value& document) {
  if (document.is_string()) {
    Add(document.str());
  } else if (document.is_array()) {
    for (const Value& item : document.items()) AddAll(item);
  } else if (document.is_object()) {
    for (const Member& member : document.members()) AddAll(member.value);
  } else if (document.is_number()) {
    AddForm(FormatJson(document));
  }
}

void SecretTexts::AddSecret(const Value& secret) {
  for (const char* field : {"data", "stringData"}) {
    AddAll(secret[field]);
    for (const Member& member : secret[field].members()) {
      std::string decoded;
      if (absl::Base64Unescape(member.value.str(), &decoded)) Add(decoded);
    }
  }
}

std::string SecretTexts::Masked(absl::string_view message) const {
  std::string masked(message);
  for (const std::string& form : forms_) absl::StrReplaceAll({{form, "***"}}, &masked);
  return masked;
}

}  // namespace sluice::value
