// SPDX-License-Identifier: Apache-2.0
#include "common/cloud_identity/services.h"

#include <cstdlib>
#include <fstream>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"

namespace sluice::cloud_identity {
namespace {

constexpr size_t kMaxFile = size_t{64} << 10;
constexpr size_t kMaxShown = 512;  // of a service's explanation

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string content(kMaxFile, '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (in.bad() || in.gcount() == 0) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  content.resize(static_cast<size_t>(in.gcount()));
  return content;
}

// What a service says about an error; never the whole answer, which might echo a token.
std::string Explanation(absl::string_view body) {
  const auto parsed = value::ParseJson(body);
  if (!parsed.ok()) return "";
  for (const char* field : {"error_description", "message", "Message", "error"}) {
    const absl::string_view text = (*parsed)[field].str();
    if (!text.empty()) return absl::StrCat(": ", text.substr(0, kMaxShown));
  }
  return "";
}

}  // namespace

const Environment& ProcessEnvironment() {
  static const auto* const kEnvironment =
      new Environment{[](absl::string_view name) {
                        const char* value = std::getenv(std::string(name).c_str());
                        return std::string(value == nullptr ? "" : value);
                      },
                      ReadFile};
  return *kEnvironment;
}

absl::StatusOr<Value> Exchange(const Context& ctx, http::Transport& transport,
                               const http::Request& request, absl::string_view what) {
  auto response = transport.Send(ctx, request);
  if (!response.ok()) return Annotate(response.status(), what);
  if (response->status / 100 != 2) {
    const std::string message =
        absl::StrCat(what, ": HTTP status ", response->status, Explanation(response->body));
    if (response->status >= 500 || response->status == 429) {
      return absl::UnavailableError(message);
    }
    return absl::PermissionDeniedError(message);
  }
  auto parsed = value::ParseJson(response->body);
  if (!parsed.ok()) return absl::UnavailableError(absl::StrCat(what, ": the answer is not JSON"));
  return parsed;
}

Value UncheckedClaims(absl::string_view jwt) {
  const std::vector<absl::string_view> parts = absl::StrSplit(jwt, '.');
  std::string text;
  if (parts.size() != 3 || !absl::WebSafeBase64Unescape(parts[1], &text)) return Value();
  auto claims = value::ParseJson(text);
  return claims.ok() && claims->is_object() ? *std::move(claims) : Value();
}

std::string Form(std::initializer_list<std::pair<absl::string_view, absl::string_view>> fields) {
  std::string form;
  for (const auto& [name, value] : fields) {
    absl::StrAppend(&form, form.empty() ? "" : "&", http::EscapeQuery(name), "=",
                    http::EscapeQuery(value));
  }
  return form;
}

}  // namespace sluice::cloud_identity
