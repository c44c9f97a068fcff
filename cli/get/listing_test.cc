// SPDX-License-Identifier: Apache-2.0
#include "cli/get/listing.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::cli {
namespace {

using ::sluice::testing::StatusIs;

kube::ObjectPtr Object(absl::string_view json) {
  return std::make_shared<const Value>(value::ParseJson(json).value());
}

const absl::Time kNow = absl::FromUnixSeconds(1767225900);  // 2026-01-01T00:05:00Z

kube::ObjectPtr ReadyKustomization() {
  return Object(R"({
    "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
    "metadata": {"name": "app", "namespace": "flux-system", "generation": 2,
                 "creationTimestamp": "2026-01-01T00:00:00Z",
                 "managedFields": [{"manager": "x"}]},
    "spec": {"sourceRef": {"kind": "GitRepository", "name": "repo"}},
    "status": {"observedGeneration": 2,
      "lastAppliedRevision": "main@sha1:0123456789abcdef0123456789abcdef01234567",
      "conditions": [{"type": "Ready", "status": "True",
        "message": "Applied revision: main@sha1:0123456789abcdef0123456789abcdef01234567"}]}})");
}

kube::ObjectPtr NewRepository() {
  return Object(R"({
    "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
    "metadata": {"name": "my-git-repo", "namespace": "apps", "generation": 1},
    "spec": {"suspend": true}})");
}

TEST_CASE("a table reads as Flux's does", "[cli]") {
  const Section section{FindView("Kustomization"), {ReadyKustomization()}};
  CHECK(FormatListing({&section, 1}, {}, kNow, Style()) ==
        "NAME\tREVISION          \tSUSPENDED\tREADY\tMESSAGE\n"
        "app \tmain@sha1:01234567\tFalse    \tTrue \tApplied revision: main@sha1:01234567\n");
}

TEST_CASE("several kinds are told apart by name, namespaces stand first", "[cli]") {
  const Section sections[] = {{FindView("GitRepository"), {NewRepository()}},
                              {FindView("Bucket"), {}},
                              {FindView("Kustomization"), {ReadyKustomization()}}};
  CHECK(FormatListing(sections, {.with_namespace = true, .with_kind = true, .with_header = false},
                      kNow, Style()) ==
        "apps\tgitrepository/my-git-repo\t\tTrue\tFalse\twaiting to be reconciled\n"
        "\n"
        "flux-system\tkustomization/app\tmain@sha1:01234567\tFalse\tTrue\t"
        "Applied revision: main@sha1:01234567\n");
}

TEST_CASE("a wide table has source and age, a terminal marks", "[cli]") {
  Style style;
  style.marks = true;
  const Section section{FindView("Kustomization"), {ReadyKustomization()}};
  CHECK(FormatListing({&section, 1}, {.wide = true}, kNow, style) ==
        "NAME  SOURCE                          REVISION            SUSPENDED  READY   AGE  "
        "MESSAGE\n"
        "app   GitRepository/flux-system/repo  main@sha1:01234567  False      ✔ True  5m   "
        "Applied revision: main@sha1:01234567\n");
}

TEST_CASE("a message of several lines stays one row", "[cli]") {
  const Section section{FindView("HelmRelease"), {Object(R"({"kind": "HelmRelease",
      "metadata": {"name": "r"}, "status": {"conditions":
      [{"type": "Ready", "status": "False", "message": "one\ntwo"}]}})")}};
  CHECK(FormatListing({&section, 1}, {.with_header = false}, kNow, Style()) ==
        "r\t\tFalse\tFalse\tone two\n");
}

TEST_CASE("objects are printed whole, without managed fields", "[cli]") {
  const Section section{FindView("Kustomization"), {ReadyKustomization()}};
  CHECK(FormatObjects({&section, 1}, "name", true) ==
        "kustomization.kustomize.toolkit.fluxcd.io/app\n");
  const Value single = value::ParseJson(FormatObjects({&section, 1}, "json", true)).value();
  CHECK(single["metadata"]["name"].str() == "app");
  CHECK_FALSE(single["metadata"].Has("managedFields"));
  const Value list = value::ParseJson(FormatObjects({&section, 1}, "json", false)).value();
  CHECK(list["kind"].str() == "List");
  CHECK(list["items"].at(0) == single);
}

TEST_CASE("a status selector compares one condition without case", "[cli]") {
  struct Row {
    const char* selector;
    bool ready_matches;
    bool new_matches;
  };
  const Row rows[] = {{"Ready=true", true, false},
                      {"Ready=False", false, false},  // a new object has no condition
                      {"Ready!=True", false, true},
                      {"Stalled!=True", true, true}};
  for (const Row& row : rows) {
    CAPTURE(row.selector);
    const StatusSelector selector = StatusSelector::Parse(row.selector).value();
    CHECK(selector.Matches(*ReadyKustomization()) == row.ready_matches);
    CHECK(selector.Matches(*NewRepository()) == row.new_matches);
  }
  for (const char* text : {"", "Ready", "=True", "!=True", "Ready=", "Ready==True"}) {
    CAPTURE(text);
    CHECK_THAT(StatusSelector::Parse(text).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "selector"));
  }
}

}  // namespace
}  // namespace sluice::cli
