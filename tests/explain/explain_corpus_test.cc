// Every file of tests/explain/cases is one fault: the first document says what is asked and which
// cause is right, the others are the objects of the cluster.
//
//   explain: Kustomization/apps/k      the asked object
//   at: GitRepository/apps/repo        where the cause is
//   cause: source-authentication
//   verdict: failing                   unless it is healthy or progressing
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/explain/causes.h"
#include "common/explain/explain.h"
#include "common/explain/references.h"
#include "common/kube/object.h"
#include "common/ssa/object_id.h"
#include "common/value/yaml.h"

namespace sluice::explain {
namespace {

constexpr size_t kFewest = 60;
constexpr double kGoal = 0.95;

struct Case {
  std::string name;
  Value expected;
  std::vector<kube::ObjectPtr> objects;
};

std::vector<Case> ReadCases() {
  std::vector<Case> cases;
  for (const auto& entry : std::filesystem::directory_iterator("tests/explain/cases")) {
    std::ifstream file(entry.path());
    std::ostringstream text;
    text << file.rdbuf();
    std::vector<value::YamlDocument> documents = value::ParseYamlStream(text.str()).value();
    Case one = {entry.path().stem().string(), std::move(documents.at(0).value), {}};
    for (size_t i = 1; i < documents.size(); ++i) {
      one.objects.push_back(std::make_shared<const Value>(std::move(documents[i].value)));
    }
    cases.push_back(std::move(one));
  }
  std::sort(cases.begin(), cases.end(),
            [](const Case& a, const Case& b) { return a.name < b.name; });
  return cases;
}

Cluster ClusterOf(const std::vector<kube::ObjectPtr>& objects) {
  return {[&objects](const ssa::ObjectId& id) -> absl::StatusOr<kube::ObjectPtr> {
            for (const kube::ObjectPtr& object : objects) {
              if (ssa::ObjectId::Of(*object).SameObject(id)) return object;
            }
            return nullptr;
          },
          [&objects](const std::string& ns,
                     const Value& labels) -> absl::StatusOr<std::vector<kube::ObjectPtr>> {
            std::vector<kube::ObjectPtr> pods;
            for (const kube::ObjectPtr& object : objects) {
              bool wanted = (*object)["kind"].str() == "Pod" && kube::Namespace(*object) == ns;
              for (const auto& [key, value] : labels.members()) {
                wanted = wanted && kube::Label(*object, key) == value.str();
              }
              if (wanted) pods.push_back(object);
            }
            return pods;
          }};
}

ssa::ObjectId Asked(const Case& one) {
  const std::vector<std::string> parts = absl::StrSplit(one.expected["explain"].str(), '/');
  return OwnObject(parts.at(0), parts.at(1), parts.at(2));
}

std::string Name(Verdict verdict) {
  if (verdict == Verdict::kHealthy) return "healthy";
  return verdict == Verdict::kProgressing ? "progressing" : "failing";
}

// "verdict cause at", as found and as expected.
std::string Found(const Case& one) {
  const auto found = Explain(Asked(one), ClusterOf(one.objects), absl::FromUnixSeconds(1770000000));
  if (!found.ok()) return std::string(found.status().message());
  if (found->verdict == Verdict::kHealthy) return "healthy";
  return absl::StrCat(Name(found->verdict), " ", found->cause, " at ",
                      found->path.back().object.Subject());
}

std::string Expected(const Case& one) {
  const absl::string_view verdict = one.expected["verdict"].string_or("failing");
  if (verdict == "healthy") return "healthy";
  return absl::StrCat(verdict, " ", one.expected["cause"].str(), " at ", one.expected["at"].str());
}

TEST_CASE("the root cause of injected faults", "[explain]") {
  const std::vector<Case> cases = ReadCases();
  REQUIRE(cases.size() >= kFewest);
  size_t right = 0;
  for (const Case& one : cases) {
    const std::string found = Found(one);
    const std::string expected = Expected(one);
    right += found == expected ? 1 : 0;
    if (found != expected) {
      std::cout << one.name << ": found " << found << ", expected " << expected << "\n";
    }
  }
  const double share = static_cast<double>(right) / static_cast<double>(cases.size());
  std::cout << "explain: " << right << " of " << cases.size() << " root causes right ("
            << absl::StrCat(static_cast<int>(share * 1000) / 10.0) << " %)\n";
  CHECK(share >= kGoal);
}

TEST_CASE("every expected cause is one that is documented", "[explain]") {
  for (const Case& one : ReadCases()) {
    CAPTURE(one.name);
    const absl::string_view cause = one.expected["cause"].str();
    const std::span<const Cause> all = AllCauses();
    CHECK((cause.empty() || std::any_of(all.begin(), all.end(),
                                        [&](const Cause& known) { return cause == known.id; })));
  }
}

}  // namespace
}  // namespace sluice::explain
