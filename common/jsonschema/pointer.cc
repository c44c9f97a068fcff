// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/pointer.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace sluice::jsonschema {
namespace {

std::optional<std::string> Unescaped(absl::string_view token) {
  std::string out;
  for (size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      out += token[i];
      continue;
    }
    if (++i == token.size() || (token[i] != '0' && token[i] != '1')) return std::nullopt;
    out += token[i] == '0' ? '~' : '/';
  }
  return out;
}

}  // namespace

std::string EscapeToken(absl::string_view token) {
  return absl::StrReplaceAll(token, {{"~", "~0"}, {"/", "~1"}});
}

std::string Below(absl::string_view pointer, absl::string_view token) {
  return absl::StrCat(pointer, "/", EscapeToken(token));
}

std::string Below(absl::string_view pointer, absl::string_view token, absl::string_view next) {
  return absl::StrCat(pointer, "/", EscapeToken(token), "/", EscapeToken(next));
}

const Value* LookUp(const Value& root, absl::string_view pointer, LookupFault& fault) {
  const Value* at = &root;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);  // the slash
    const size_t slash = std::min(pointer.find('/'), pointer.size());
    const std::optional<std::string> token = Unescaped(pointer.substr(0, slash));
    pointer.remove_prefix(slash);
    fault = token.has_value() ? LookupFault::kNotFound : LookupFault::kInvalid;
    if (!token.has_value()) return nullptr;
    uint32_t index = 0;
    if (at->is_object()) {
      at = at->Find(*token);
    } else if (at->is_array() && absl::SimpleAtoi(*token, &index) && index < at->items().size()) {
      at = &at->items()[index];
    } else {
      return nullptr;
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

}  // namespace sluice::jsonschema
