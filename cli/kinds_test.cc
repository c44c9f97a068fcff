// SPDX-License-Identifier: Apache-2.0
#include "cli/kinds.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::cli {
namespace {

using ::sluice::testing::StatusIs;
using Words = std::vector<std::string>;

Value Object(absl::string_view json) { return value::ParseJson(json).value(); }

TEST_CASE("words name kinds as Flux's CLI does", "[cli]") {
  struct Row {
    Words words;
    size_t kinds;
    const char* first;
    const char* name;
  };
  const Row rows[] = {
      {{"ks"}, 1, "Kustomization", ""},
      {{"kustomizations", "app"}, 1, "Kustomization", "app"},
      {{"HelmRelease", "web"}, 1, "HelmRelease", "web"},
      {{"source", "git", "repo"}, 1, "GitRepository", "repo"},
      {{"sources", "oci"}, 1, "OCIRepository", ""},
      {{"gitrepositories"}, 1, "GitRepository", ""},
      {{"image", "policy"}, 1, "ImagePolicy", ""},
      {{"images", "all"}, 3, "ImageRepository", ""},
      {{"sources"}, 6, "GitRepository", ""},
      {{"artifacts", "generators"}, 1, "ArtifactGenerator", ""},
      {{"all"}, 12, "GitRepository", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const auto words = ParseKindWords("get", row.words);
    REQUIRE(words.ok());
    CHECK(words->views.size() == row.kinds);
    CHECK(words->views[0]->resource == row.first);
    CHECK(words->name == row.name);
    CHECK(words->all == (row.kinds > 1));
  }
}

TEST_CASE("words name several objects of a kind, each once", "[cli]") {
  const auto words = ParseKindNames("suspend", Words{"source", "git/a", "b", "a"});
  REQUIRE(words.ok());
  CHECK(words->view->resource == "GitRepository");
  CHECK(words->names == Words{"a", "b"});
  CHECK_THAT(ParseKindNames("suspend", Words{"images", "all"}).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "one kind at a time"));
}

TEST_CASE("words that are no kind are refused with what to do", "[cli]") {
  for (const Words& words : {Words{}, Words{"pods"}, Words{"source", "svn"}, Words{"all", "x"},
                             Words{"ks", "a", "b"}, Words{"images", "all", "x"}}) {
    CAPTURE(words);
    CHECK_THAT(ParseKindWords("get", words).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "sluice get --help"));
  }
}

TEST_CASE("long hex is shortened, other text is not", "[cli]") {
  struct Row {
    const char* text;
    const char* shortened;
  };
  const Row rows[] = {
      {"main@sha1:0123456789abcdef0123456789abcdef01234567", "main@sha1:01234567"},
      {"sha256:0123456789abcdef and more", "sha256:01234567 and more"},
      {"0123456789abcde", "0123456789abcde"},      // 15 digits
      {"0123456789abcdeg0", "0123456789abcdeg0"},  // no hex
      {"", ""},
  };
  for (const Row& row : rows) CHECK(ShortenHex(row.text) == row.shortened);
}

TEST_CASE("the mark follows Ready, its generation and suspension", "[cli]") {
  struct Row {
    const char* object;
    Mark mark;
  };
  const Row rows[] = {
      {R"({"metadata": {"generation": 1}})", Mark::kWaiting},
      {R"({"metadata": {"generation": 1}, "status": {"observedGeneration": 1,
          "conditions": [{"type": "Ready", "status": "True"}]}})",
       Mark::kSuccess},
      {R"({"metadata": {"generation": 2}, "status": {"observedGeneration": 1,
          "conditions": [{"type": "Ready", "status": "True"}]}})",
       Mark::kWaiting},
      {R"({"status": {"conditions": [{"type": "Ready", "status": "False"}]}})", Mark::kFailure},
      {R"({"status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}})", Mark::kWaiting},
      {R"({"spec": {"suspend": true}})", Mark::kSuspended},
      {R"({"kind": "HelmRepository", "spec": {"type": "oci"}})", Mark::kSuccess},
  };
  for (const Row& row : rows) {
    CAPTURE(row.object);
    CHECK(MarkOf(Object(row.object)) == row.mark);
  }
}

TEST_CASE("the revision is where each kind keeps it", "[cli]") {
  CHECK(Revision(Object(R"({"kind": "GitRepository",
      "status": {"artifact": {"revision": "main@sha1:a"}}})")) == "main@sha1:a");
  CHECK(Revision(Object(R"({"kind": "HelmRelease", "status": {"lastAttemptedRevision": "1.0.1",
      "history": [{"chartVersion": "1.0.0"}]}})")) == "1.0.0");
  CHECK(Revision(Object(R"({"kind": "HelmRelease",
      "status": {"lastAttemptedRevision": "1.0.1"}})")) == "1.0.1");
}

}  // namespace
}  // namespace sluice::cli
