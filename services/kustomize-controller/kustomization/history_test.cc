// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/history.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"

namespace sluice::kustomize_controller {
namespace {

HistoryEntry Entry(std::string digest, std::string result, std::string revision) {
  return {std::move(digest),
          std::move(result),
          std::move(revision),
          "",
          absl::FromUnixSeconds(1767225600),
          absl::Milliseconds(1500)};
}

TEST_CASE("the same result counts up and takes the new revision", "[kustomization]") {
  Value history = WithEntry(Value(), Entry("sha256:a", "ReconciliationSucceeded", "main@1"));
  history = WithEntry(history, Entry("sha256:b", "ReconciliationSucceeded", "main@2"));
  history = WithEntry(history, Entry("sha256:a", "ReconciliationSucceeded", "main@3"));
  REQUIRE(history.size() == 2);
  CHECK(history.at(0)["digest"].str() == "sha256:a");
  CHECK(history.at(0)["totalReconciliations"].int_or(0) == 2);
  CHECK(history.at(0)["metadata"]["revision"].str() == "main@3");
  CHECK(history.at(0)["lastReconciledDuration"].str() == "1.5s");
  CHECK(history.at(0)["lastReconciled"].str() == "2026-01-01T00:00:00Z");
}

TEST_CASE("another result of the same manifests is an entry of its own, five are kept",
          "[kustomization]") {
  Value history;
  for (int i = 0; i < 7; ++i) {
    history = WithEntry(history, Entry("sha256:a", absl::StrCat("Reason", i), "main@1"));
  }
  REQUIRE(history.size() == 5);
  CHECK(history.at(0)["lastReconciledStatus"].str() == "Reason6");
  CHECK(history.at(4)["lastReconciledStatus"].str() == "Reason2");
}

}  // namespace
}  // namespace sluice::kustomize_controller
