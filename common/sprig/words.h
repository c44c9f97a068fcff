// Words of identifiers taken apart and put together again, by the rules of huandu/xstrings 1.5.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::sprig {

// "HTTPServer2Go" as "http_server2_go" with '_' as the connector.
std::string JoinedWords(absl::string_view text, char connector);

// "foo-bar baz" as "FooBarBaz". Connectors at the start stay.
std::string PascalCase(absl::string_view text);

}  // namespace sluice::sprig
