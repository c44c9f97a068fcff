// SPDX-License-Identifier: Apache-2.0
#include "common/notation/trust_policy.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::notation {
namespace {

using ::sluice::testing::IsOk;

std::string Document(const std::string& statements) {
  return absl::StrCat(R"({"version":"1.0","trustPolicies":[)", statements, "]}");
}

std::string One(const std::string& name, const std::string& scopes, const std::string& verification,
                const std::string& stores = R"(["ca:x"])",
                const std::string& identities = R"(["*"])") {
  return absl::StrCat(R"({"name":")", name, R"(","registryScopes":)", scopes,
                      R"(,"signatureVerification":)", verification, R"(,"trustStores":)", stores,
                      R"(,"trustedIdentities":)", identities, "}");
}

constexpr char kAll[] = R"(["*"])";
constexpr char kStrict[] = R"({"level":"strict"})";

TEST_CASE("the statement of a repository is its own, else that for all", "[notation]") {
  const auto policy =
      TrustPolicy::Parse(Document(absl::StrCat(One("own", R"(["h:5000/a/b","h/c"])", kStrict), ",",
                                               One("all", kAll, R"({"level":"skip"})"))));
  REQUIRE_THAT(policy.status(), IsOk());
  CHECK(policy->For("h:5000/a/b")->name == "own");
  CHECK(policy->For("h/c")->name == "own");
  CHECK(policy->For("h/c/d")->name == "all");
  CHECK(policy->For("h/c/d")->level.skips());
  CHECK(policy->For("h/c/d")->stores.empty());  // of a statement that skips they do not matter
  const auto narrow = TrustPolicy::Parse(Document(One("own", R"(["h/c"])", kStrict)));
  CHECK(narrow->For("h/d") == nullptr);
}

TEST_CASE("single checks of a level can be overridden", "[notation]") {
  const auto policy = TrustPolicy::Parse(Document(
      One("p", kAll, R"({"level":"strict","override":{"revocation":"skip","expiry":"log"}})")));
  REQUIRE_THAT(policy.status(), IsOk());
  const Level& level = policy->For("h/a")->level;
  CHECK(level.authenticity == Action::kEnforce);
  CHECK(level.authentic_timestamp == Action::kEnforce);
  CHECK(level.expiry == Action::kLog);
  CHECK(level.revocation == Action::kSkip);
}

TEST_CASE("a policy that is none is refused", "[notation]") {
  struct Row {
    std::string json;
    const char* message;  // a part of it
  };
  const std::string good = One("p", kAll, kStrict);
  const Row rows[] = {
      {"", "invalid JSON"},
      {"{}", "missing or has empty version"},
      {R"({"version":"2.0","trustPolicies":[]})", "unsupported version \"2.0\""},
      {R"({"version":"1.0","trustPolicies":[]})", "can not have zero trust policy statements"},
      {Document(One("", kAll, kStrict)), "missing a name"},
      {Document(absl::StrCat(good, ",", One("p", R"(["h/a"])", kStrict))),
       "use the same name \"p\""},
      {Document(absl::StrCat(good, ",", One("q", kAll, kStrict))),
       "is present in multiple trust policy statements"},
      {Document(One("p", kAll, "{}")), "invalid signature verification level \"\""},
      {Document(One("p", kAll, R"({"level":"lax"})")), "invalid signature verification level"},
      {Document(One("p", kAll, R"({"level":"skip","override":{"expiry":"log"}})")),
       "can't be used to customize"},
      {Document(One("p", kAll, R"({"level":"strict","override":{"integrity":"log"}})")),
       "verification type \"integrity\""},
      {Document(One("p", kAll, R"({"level":"strict","override":{"authenticity":"skip"}})")),
       "verification action \"skip\""},
      {Document(One("p", kAll, kStrict, "[]")), "is either missing trust stores"},
      {Document(One("p", kAll, kStrict, R"(["ca:x"])", "[]")), "is either missing trust stores"},
      {Document(One("p", kAll, kStrict, R"(["x"])")), "malformed trust store value"},
      {Document(One("p", kAll, kStrict, R"(["root:x"])")), "unsupported trust store type"},
      {Document(One("p", kAll, kStrict, R"(["ca:../x"])")), "unsupported trust store name"},
      {Document(One("p", "[]", kStrict)), "has zero registry scopes"},
      {Document(One("p", R"(["*","h/a"])", kStrict)), "uses wildcard registry scope"},
      {Document(One("p", R"(["h"])", kStrict)), "no fully qualified repository"},
      {Document(One("p", R"(["h/a*"])", kStrict)), "no fully qualified repository"},
      {Document(One("p", R"([1])", kStrict)), "expected a list of texts"},
      {Document(One("p", kAll, kStrict, R"(["ca:x"])", R"(["*","x509.subject: C=DE"])")),
       "wildcard identity cannot be used"},
      {Document(One("p", kAll, kStrict, R"(["ca:x"])", R"(["somebody"])")),
       "without a supported prefix"},
      {Document(One("p", kAll, kStrict, R"(["ca:x"])", R"(["x509.subject: C=DE, O=x"])")),
       "without the attribute \"ST\""},
      {Document(One("p", kAll, kStrict, R"(["ca:x"])", R"(["x509.subject: C=DE, C=US"])")),
       "has the attribute \"C\" twice"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    const absl::Status refused = TrustPolicy::Parse(row.json).status();
    CHECK(absl::IsInvalidArgument(refused));
    CAPTURE(refused.message());
    CHECK(absl::StrContains(refused.message(), row.message));
  }
}

TEST_CASE("names are read as RFC 4514 writes them", "[notation]") {
  const auto name = ParseName(R"( C = US , S=WA,O=a\, b \ ,ou=x\20y)");
  REQUIRE_THAT(name.status(), IsOk());
  const NameAttributes expected = {{"C", "US"}, {"ST", "WA"}, {"O", "a, b  "}, {"OU", "x y"}};
  CHECK(*name == expected);
  for (const char* text : {"", "C", "=x", "C=US,", "C=US+O=x", ",C=US"}) {
    CAPTURE(text);
    CHECK(absl::IsInvalidArgument(ParseName(text).status()));
  }
}

}  // namespace
}  // namespace sluice::notation
