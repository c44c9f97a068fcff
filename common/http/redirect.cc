// SPDX-License-Identifier: Apache-2.0
#include "common/http/redirect.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/text/url_path.h"

namespace sluice::http {
namespace {

// `location` made absolute, as text.
std::string Absolute(const Url& base, absl::string_view location) {
  const size_t delimiter = location.find_first_of(":/?#");
  if (delimiter != absl::string_view::npos && location[delimiter] == ':') {
    return std::string(location);
  }
  if (absl::StartsWith(location, "//")) return absl::StrCat(base.scheme, ":", location);
  location = location.substr(0, location.find('#'));
  const std::string base_path = base.path.empty() ? "/" : base.path;
  if (location.empty()) return base.Redacted();
  if (location[0] == '?') return absl::StrCat(base.Origin(), base_path, location);
  const size_t query = std::min(location.find('?'), location.size());
  const std::string path =
      location[0] == '/'
          ? std::string(location.substr(0, query))
          : absl::StrCat(base_path.substr(0, base_path.rfind('/') + 1), location.substr(0, query));
  return absl::StrCat(base.Origin(), text::RemoveDotSegments(path), location.substr(query));
}

}  // namespace

int EffectivePort(const Url& url) {
  if (url.port != 0) return url.port;
  return url.scheme == "https" ? 443 : url.scheme == "http" ? 80 : 0;
}

bool SameOrigin(const Url& a, const Url& b) {
  return a.scheme == b.scheme && absl::EqualsIgnoreCase(a.host, b.host) &&
         EffectivePort(a) == EffectivePort(b);
}

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

absl::StatusOr<Url> ResolveRedirect(const Url& base, absl::string_view location) {
  ASSIGN_OR_RETURN(const Url target,
                   Url::Parse(Absolute(base, absl::StripAsciiWhitespace(location))));
  if (target.host.empty() || EffectivePort(target) == 0 ||
      (target.scheme != "http" && target.scheme != "https")) {
    return absl::InvalidArgumentError(
        absl::StrCat("redirect to \"", target.Redacted(), "\" refused: not http or https"));
  }
  if (base.scheme == "https" && target.scheme == "http") {
    return absl::FailedPreconditionError(absl::StrCat("redirect from \"", base.Redacted(),
                                                      "\" to \"", target.Redacted(),
                                                      "\" refused: it would leave TLS"));
  }
  return target;
}

void DropCredentials(Headers& headers) {
  for (const char* name : {"Authorization", "Cookie", "Cookie2", "Www-Authenticate"}) {
    headers.Remove(name);
  }
}

}  // namespace sluice::http
