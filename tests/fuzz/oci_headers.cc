// Fields that registries answer with: challenges, links to the next page. Nobody leads us inside
// the network or elsewhere.

// SPDX-License-Identifier: Apache-2.0
#include "common/oci/authorizer.h"
#include "common/oci/challenge.h"
#include "common/oci/tag_pages.h"
#include "tests/fuzz/canned_transport.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(oci_headers, input) {
  CannedTransport registry(input);
  const auto page = registry.Send(Context::Background(), {});
  if (const auto challenge = oci::FindChallenge(page->headers); challenge.has_value()) {
    (void)oci::CheckRealm("https://registry.example.com", challenge->realm);
  }
  constexpr absl::string_view kUrl = "https://registry.example.com/v2/app/tags/list";
  oci::TagPages pages(oci::ClientLimits{});
  const auto next = pages.Add(kUrl, *page);
  if (!next.ok() || next->empty()) return;
  const auto url = http::Url::Parse(*next);
  Require(url.ok() && url->host == "registry.example.com" && url->scheme == "https",
          "the next page is at the same registry", *next);
}

}  // namespace sluice::fuzz
