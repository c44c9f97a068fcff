// The rules for names, labels, keys and ports (apimachinery util/validation, 1.34). Each function
// returns why `text` is refused, in the reference's words; nothing if it is fine.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace sluice::devapi {

using Messages = std::vector<std::string>;

Messages CheckDnsLabel(absl::string_view text);      // RFC 1123 label
Messages CheckDnsSubdomain(absl::string_view text);  // RFC 1123 subdomain
Messages CheckDns1035Label(absl::string_view text);
Messages CheckQualifiedName(absl::string_view text);  // a key of labels
Messages CheckLabelValue(absl::string_view text);
Messages CheckConfigKey(absl::string_view text);  // a key of ConfigMaps and Secrets
Messages CheckEnvVarName(absl::string_view text);
Messages CheckPortName(absl::string_view text);
Messages CheckPortNumber(int64_t port);
// Names that only have to fit into a URL: those of roles and bindings.
Messages CheckPathSegment(absl::string_view text);

// How the objects of a kind may be called.
enum class NameRule { kDnsSubdomain, kDnsLabel, kDns1035Label, kPathSegment };
NameRule NameRuleOf(absl::string_view group, absl::string_view kind);
// `text` as a name, or as a generateName: then what the server appends is taken into account.
Messages CheckName(NameRule rule, absl::string_view text, bool is_prefix);

}  // namespace sluice::devapi
