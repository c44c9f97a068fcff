// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/cached_reads.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/kube/object.h"
#include "common/kube_testing/api_server.h"
#include "common/testing/status_matchers.h"

namespace sluice::runtime {
namespace {

using ::sluice::testing::StatusIs;

const kube::Resource kSecrets = {"", "v1", "secrets", "Secret", true};
const kube::Resource kAccounts = {"", "v1", "serviceaccounts", "ServiceAccount", true};

std::string Manifest(const std::string& ns, const std::string& value) {
  return absl::StrCat("apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: ", ns,
                      "}\ndata: {key: ", value, "}\n");
}

struct Fixture {
  kube_testing::ApiServer api;
  CachedReads cached;

  explicit Fixture(const std::string& ns) : cached(api.client(), ns, RealClock()) {
    for (const char* name : {"default", "other"}) {
      api.Write(absl::StrCat("apiVersion: v1\nkind: Namespace\nmetadata: {name: ", name, "}\n"),
                "test");
      api.Write(Manifest(name, "YQ=="), "test");
    }
    for (Informer* informer : cached.informers()) {
      informer->Start(api.ctx());
      REQUIRE(informer->WaitForSync(api.ctx()).ok());
    }
  }
  std::string Read(const std::string& ns) {
    return std::string(cached.Get(api.ctx(), kSecrets, {ns, "s"}).value()["data"]["key"].str());
  }
  bool Asked(const std::string& request) {
    const auto log = api.client().Take();
    return std::find(log.begin(), log.end(), request) != log.end();
  }
};

TEST_CASE("Secrets are read from memory, and follow what changes", "[runtime]") {
  Fixture fixture("");
  fixture.api.client().Take();
  CHECK(fixture.Read("default") == "YQ==");
  CHECK(fixture.Read("other") == "YQ==");
  CHECK_FALSE(fixture.Asked("GET /api/v1/namespaces/default/secrets/s"));
  fixture.api.Write(Manifest("default", "Yg=="), "test");
  while (fixture.api.ctx().Check().ok() && fixture.Read("default") != "Yg==") {
    std::this_thread::yield();
  }
  CHECK(fixture.Read("default") == "Yg==");
  CHECK_THAT(fixture.cached.Get(fixture.api.ctx(), kSecrets, {"default", "none"}).status(),
             StatusIs(absl::StatusCode::kNotFound, "secrets \"none\" not found"));
}

TEST_CASE("everything else goes to the API server", "[runtime]") {
  Fixture fixture("default");
  fixture.api.client().Take();
  CHECK(fixture.Read("other") == "YQ==");  // not watched
  CHECK(fixture.Asked("GET /api/v1/namespaces/other/secrets/s"));
  CHECK_FALSE(fixture.cached.Get(fixture.api.ctx(), kAccounts, {"default", "none"}).ok());
  CHECK(fixture.Asked("GET /api/v1/namespaces/default/serviceaccounts/none"));
  CHECK(fixture.cached.List(fixture.api.ctx(), kSecrets, "default")->items.size() == 1);
  const auto deleted = fixture.cached.Delete(fixture.api.ctx(), kSecrets, {"default", "s"});
  CHECK(deleted.ok());
  const auto impersonating = kube::Impersonate(fixture.cached, "system:serviceaccount:default:x");
  fixture.api.client().Take();
  (void)impersonating->Get(fixture.api.ctx(), kSecrets, {"default", "s"});
  CHECK(fixture.Asked("GET /api/v1/namespaces/default/secrets/s"));
}

}  // namespace
}  // namespace sluice::runtime
