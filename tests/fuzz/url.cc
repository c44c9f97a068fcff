// URLs: no message shows user info, redirects stay HTTP, and proxies are bypassed only by their
// rules.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/match.h"
#include "common/http/proxy_rules.h"
#include "common/http/redirect.h"
#include "common/kustomize/repo_spec.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(url, input) {
  const auto url = http::Url::Parse(input);
  if (url.ok()) {
    Require(url->port >= 0 && url->port <= 65535, "a port is one", input);
    Require(url->userinfo.size() < 4 ||
                absl::StrContains(url->path + url->query + url->host, url->userinfo) ||
                !absl::StrContains(url->Redacted(), url->userinfo),
            "user info is not shown", url->Redacted());
  }
  const http::Url base = http::Url::Parse("https://example.com/a/b?c").value();
  if (const auto next = http::ResolveRedirect(base, input); next.ok()) {
    Require(next->scheme == "https", "TLS is not left", input);
  }
  const std::string escaped = http::EscapePathSegment(input);
  Require(http::Unescape(escaped, false) == input, "what is escaped comes back", escaped);
  Require(http::Unescape(http::EscapeQuery(input), true) == input, "what is escaped comes back");
  (void)http::NoProxy(input).Covers("example.com", 443);
  (void)http::NoProxy(input).Covers("2001:db8::1", 443);
  (void)http::ProxyRules::Fixed(input);
  (void)kustomize::ParseRepoSpec(input);
}

}  // namespace sluice::fuzz
