// The corpus of faults is in tests/explain; here stands what it cannot say.

// SPDX-License-Identifier: Apache-2.0
#include "common/explain/explain.h"

#include <catch2/catch.hpp>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/explain/causes.h"
#include "common/explain/references.h"
#include "common/testing/status_matchers.h"

namespace sluice::explain {
namespace {

using ::sluice::testing::StatusIs;

absl::StatusOr<std::vector<kube::ObjectPtr>> NoPods(const std::string&, const Value&) {
  return std::vector<kube::ObjectPtr>();
}

TEST_CASE("what is not there cannot be explained, and errors end an explanation", "[explain]") {
  const ssa::ObjectId asked = OwnObject("Kustomization", "apps", "k");
  const Cluster empty = {[](const ssa::ObjectId&) { return kube::ObjectPtr(); }, NoPods};
  CHECK_THAT(Explain(asked, empty, absl::UnixEpoch()).status(),
             StatusIs(absl::StatusCode::kNotFound, "Kustomization/apps/k not found"));
  const Cluster broken = {[](const ssa::ObjectId&) -> absl::StatusOr<kube::ObjectPtr> {
                            return absl::UnavailableError("no API server");
                          },
                          NoPods};
  CHECK_THAT(Explain(asked, broken, absl::UnixEpoch()).status(),
             StatusIs(absl::StatusCode::kUnavailable, "no API server"));
}

TEST_CASE("a chain without end is followed to a bound", "[explain]") {
  int reads = 0;
  // Every Kustomization depends on the next one, for ever.
  const Cluster endless = {
      [&reads](const ssa::ObjectId& id) -> absl::StatusOr<kube::ObjectPtr> {
        ++reads;
        return std::make_shared<const Value>(Value{
            {"apiVersion", "kustomize.toolkit.fluxcd.io/v1"},
            {"kind", "Kustomization"},
            {"metadata", {{"namespace", "apps"}, {"name", id.key.name}, {"generation", 1}}},
            {"spec",
             {{"dependsOn", Value(Value::Array{Value{{"name", absl::StrCat(id.key.name, "x")}}})}}},
            {"status",
             {{"conditions",
               Value(Value::Array{Value{{"type", "Ready"},
                                        {"status", "False"},
                                        {"reason", "DependencyNotReady"},
                                        {"message", "dependency is not ready"}}})}}}});
      },
      NoPods};
  const auto found = Explain(OwnObject("Kustomization", "apps", "k"), endless, absl::UnixEpoch());
  REQUIRE(found.ok());
  CHECK(found->verdict == Verdict::kProgressing);
  CHECK(reads <= kMaxReads);
}

TEST_CASE("causes have distinct ids and say what to do", "[explain]") {
  std::set<std::string> ids;
  for (const Cause& cause : AllCauses()) {
    CAPTURE(cause.id);
    CHECK(ids.insert(cause.id).second);
    CHECK(*cause.fix != '\0');
  }
}

TEST_CASE("what an object refers to", "[explain]") {
  struct Row {
    const char* kind;
    Value spec;
    std::vector<std::string> sources;
  };
  const Row rows[] = {
      {"Kustomization",
       {{"sourceRef", {{"kind", "OCIRepository"}, {"name", "a"}, {"namespace", "infra"}}}},
       {"sourceRef OCIRepository/infra/a"}},
      {"HelmRelease",
       {{"chartRef", {{"kind", "OCIRepository"}, {"name", "a"}}}},
       {"chartRef OCIRepository/apps/a"}},
      {"HelmRelease",
       {{"chart", {{"spec", {{"sourceRef", {{"kind", "HelmRepository"}, {"name", "h"}}}}}}}},
       {"chart HelmChart/apps/apps-x"}},
      {"HelmChart",
       {{"sourceRef", {{"kind", "Bucket"}, {"name", "b"}}}},
       {"sourceRef Bucket/apps/b"}},
      {"GitRepository",
       {{"include", Value(Value::Array{Value{{"repository", {{"name", "g"}}}}})}},
       {"include GitRepository/apps/g"}},
      {"ImagePolicy",
       {{"imageRepositoryRef", {{"name", "i"}}}},
       {"imageRepositoryRef ImageRepository/apps/i"}},
      {"HelmRepository", {{"url", "https://charts.example"}}, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.kind);
    const Value object = {{"kind", row.kind},
                          {"metadata", {{"namespace", "apps"}, {"name", "x"}}},
                          {"spec", row.spec}};
    std::vector<std::string> sources;
    for (const Reference& source : SourcesOf(object)) {
      sources.push_back(absl::StrCat(source.relation, " ", source.object.Subject()));
    }
    CHECK(sources == row.sources);
  }
}

}  // namespace
}  // namespace sluice::explain
