// SPDX-License-Identifier: Apache-2.0
#include "common/semver/version.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/semver/kube_version.h"
#include "common/testing/status_matchers.h"

namespace sluice::semver {
namespace {

using ::sluice::testing::StatusIs;

Version V(absl::string_view text) { return Version::Parse(text).value(); }

TEST_CASE("versions are read leniently or to the letter", "[semver]") {
  struct Row {
    std::string text;
    const char* canonical;  // nullptr: not a version
    bool strict;
    bool tag;
  };
  const Row rows[] = {
      {"1.2.3", "1.2.3", true, true},
      {"v1.2.3", "1.2.3", false, true},
      {"1.2", "1.2.0", false, false},
      {"v1", "1.0.0", false, false},
      {"1-beta", "1.0.0-beta", false, false},
      {"01.002.03", "1.2.3", false, true},
      {"1.2.3-rc.1+b.01", "1.2.3-rc.1+b.01", true, true},
      {"1.2.3---", "1.2.3---", true, true},
      {"18446744073709551615.0.0", "18446744073709551615.0.0", true, true},
      {"1-a.b.c", "1.0.0-a.b.c", false, true},  // three parts between dots, as Flux counts
      {"", nullptr, false, false},
      {"v", nullptr, false, false},
      {"V1.2.3", nullptr, false, false},
      {"1.2.3.4", nullptr, false, false},
      {"1.2.3-", nullptr, false, false},
      {"1.2.3-a..b", nullptr, false, false},
      {"1.2.3-01", nullptr, false, false},
      {"1.2.3+", nullptr, false, false},
      {" 1.2.3", nullptr, false, false},
      {"1.2.3\n", nullptr, false, false},
      {"18446744073709551616.0.0", nullptr, false, false},
      {"1.x", nullptr, false, false},
      {std::string("1.2.3-a\0", 8), nullptr, false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const absl::StatusOr<Version> version = Version::Parse(row.text);
    CHECK(version.ok() == (row.canonical != nullptr));
    if (version.ok()) {
      CHECK(version->Canonical() == row.canonical);
      CHECK(version->text() == row.text);
      CHECK(V(version->Canonical()) == *version);
    } else {
      CHECK(version.status().code() == absl::StatusCode::kInvalidArgument);
    }
    CHECK(Version::ParseStrict(row.text).ok() == row.strict);
    CHECK(Version::ParseTag(row.text).ok() == row.tag);
  }
}

TEST_CASE("a version has its parts", "[semver]") {
  const Version version = V("v1.2.3-rc.1+build.7");
  CHECK(version.major() == 1);
  CHECK(version.minor() == 2);
  CHECK(version.patch() == 3);
  CHECK(version.prerelease() == "rc.1");
  CHECK(version.metadata() == "build.7");
  CHECK(Version().Canonical() == "0.0.0");
}

TEST_CASE("a version has at most 256 bytes", "[semver]") {
  const std::string longest = "1.2.3-" + std::string(kMaxVersionBytes - 6, 'a');
  CHECK(Version::Parse(longest).ok());
  CHECK(Version::ParseStrict(longest).ok());
  for (const auto parse : {Version::Parse, Version::ParseStrict, Version::ParseTag}) {
    CHECK_THAT(parse(longest + "a").status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "invalid semantic version"));
  }
  const std::string kube = "1.2" + std::string(kMaxVersionBytes - 3, ' ');
  CHECK(ParseKubeVersion(kube).ok());
  CHECK_THAT(ParseKubeVersion(kube + " ").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "longer than 256 bytes"));
}

// SemVer 2.0, section 11, and the reference where it differs.
TEST_CASE("versions are ordered by precedence", "[semver]") {
  const char* ascending[] = {
      "0.0.1",
      "0.9.0",
      "1.0.0-0",
      "1.0.0-1",
      "1.0.0-9",
      "1.0.0-10",
      "1.0.0--",
      "1.0.0-99999999999999999999",  // too large: a word
      "1.0.0-alpha",
      "1.0.0-alpha.1",
      "1.0.0-alpha.beta",
      "1.0.0-beta",
      "1.0.0-beta.2",
      "1.0.0-beta.11",
      "1.0.0-rc.1",
      "1.0.0",
      "1.0.1",
      "1.9.0",
      "1.10.0",
      "2.0.0-a",
      "10.0.0",
  };
  for (size_t i = 0; i < std::size(ascending); ++i) {
    for (size_t j = 0; j < std::size(ascending); ++j) {
      CAPTURE(ascending[i], ascending[j]);
      CHECK((V(ascending[i]) <=> V(ascending[j])) == (i <=> j));
    }
  }
  CHECK(V("1.2.3+a") == V("v1.2.3+b"));
  CHECK(V("1.2.3-rc.1+a") == V("1.2.3-rc.1"));
  CHECK(V("1.2") == V("1.2.0"));

  std::vector<Version> versions = {V("1.0.0"), V("v1.0.0"), V("0.1.0"), V("1.0.0-rc.1")};
  std::stable_sort(versions.begin(), versions.end());
  CHECK(versions[0].text() == "0.1.0");
  CHECK(versions[1].text() == "1.0.0-rc.1");
  CHECK(versions[2].text() == "1.0.0");
  CHECK(versions[3].text() == "v1.0.0");
}

TEST_CASE("the next version drops pre-release and metadata", "[semver]") {
  CHECK(V("v1.2.3-rc.1+b").NextPatch()->text() == "v1.2.3");
  CHECK(V("1.2.3+b").NextPatch()->text() == "1.2.4");
  CHECK(V("v1.2.3-rc.1").NextMinor()->text() == "v1.3.0");
  CHECK(V("1.2.3").NextMajor()->text() == "2.0.0");
  const absl::string_view largest = "18446744073709551615";
  CHECK_THAT(V(absl::StrCat(largest, ".0.0")).NextMajor().status(),
             StatusIs(absl::StatusCode::kOutOfRange, "major version increment would overflow"));
  CHECK_THAT(V(absl::StrCat("1.", largest, ".0")).NextMinor().status(),
             StatusIs(absl::StatusCode::kOutOfRange, "minor version"));
  CHECK_THAT(V(absl::StrCat("1.0.", largest)).NextPatch().status(),
             StatusIs(absl::StatusCode::kOutOfRange, "patch version"));
  CHECK(V(absl::StrCat("1.0.", largest, "-a")).NextPatch().ok());
}

TEST_CASE("pre-release and metadata can be replaced by valid ones", "[semver]") {
  CHECK(V("v1.2").WithPrerelease("rc.2")->text() == "v1.2.0-rc.2");
  CHECK(V("1.2.3-a+b").WithPrerelease("")->text() == "1.2.3+b");
  CHECK(V("1.2.3").WithMetadata("x.01")->text() == "1.2.3+x.01");
  CHECK_THAT(V("1.2.3").WithPrerelease("01").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "version segment starts with 0"));
  CHECK_THAT(V("1.2.3").WithPrerelease("a_b").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "invalid prerelease string"));
  CHECK_THAT(V("1.2.3").WithMetadata("a..b").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "invalid metadata string"));
}

TEST_CASE("a Kubernetes version is its leading numbers", "[semver]") {
  struct Row {
    std::string text;
    const char* version;  // nullptr: refused
    const char* minor = "";
    const char* error = "";
  };
  const Row rows[] = {
      {"v1.34.0", "v1.34.0", "34"},
      {"1.34", "v1.34", "34"},
      {"  v1.34.2-gke.1+abc", "v1.34.2", "34"},
      {"1.2.3.4.5", "v1.2.3.4.5", "2"},
      {"24.04", "v24.4", "4"},
      {"1.34+", "v1.34", "34"},
      {"1", nullptr, "", "illegal version string \"1\""},
      {"1.", nullptr, "", "illegal version string \"1.\""},
      {"", nullptr, "", "could not parse \"\" as version"},
      {"vv1.2", nullptr, "", "could not parse"},
      {"1.2\n3", nullptr, "", "could not parse \"1.2\\n3\" as version"},
      {"01.2", nullptr, "", "illegal zero-prefixed version component \"01\" in \"01.2\""},
      {"1.18446744073709551616", nullptr, "",
       "illegal non-numeric version component \"18446744073709551616\""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const absl::StatusOr<KubeVersion> version = ParseKubeVersion(row.text);
    if (row.version == nullptr) {
      CHECK_THAT(version.status(), StatusIs(absl::StatusCode::kInvalidArgument, row.error));
    } else {
      REQUIRE(version.ok());
      CHECK(version->version == row.version);
      CHECK(version->minor == row.minor);
    }
  }
}

}  // namespace
}  // namespace sluice::semver
