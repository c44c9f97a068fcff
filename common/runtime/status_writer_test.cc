// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/status_writer.h"

#include <catch2/catch.hpp>

#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/kube/object.h"
#include "common/runtime/finalizer.h"
#include "common/testing/status_matchers.h"
#include "common/value/merge_patch.h"

namespace sluice::runtime {
namespace {

constexpr absl::string_view kOwned[] = {"Ready"};

// One object on an API server that knows merge patches and optimistic locking.
class OneObjectClient : public kube::Client {
 public:
  Value object = {{"metadata", {{"name", "a"}, {"namespace", "x"}, {"resourceVersion", "1"}}},
                  {"status", {{"observedGeneration", -1}}}};
  bool gone = false;
  int patches = 0;

  absl::StatusOr<Value> Do(const Context&, const kube::ApiRequest& request) override {
    if (gone) return absl::NotFoundError("not found");
    if (request.method == "GET") return object;
    ++patches;
    if (const Value& version = request.body["metadata"]["resourceVersion"];
        version.is_string() && version.str() != kube::ResourceVersion(object)) {
      return absl::AbortedError("the object has been modified");
    }
    Value patch = request.body;
    patch.Ensure("metadata").Erase("resourceVersion");
    Replace(value::ApplyMergePatch(object, patch));
    return object;
  }
  absl::Status WatchStream(const Context&, const kube::ApiRequest&,
                           const std::function<absl::Status(kube::WatchEvent)>&) override {
    return absl::UnimplementedError("nobody watches here");
  }

  // Another version of the object, as if somebody else had written it.
  void Replace(Value next) {
    const int version = std::stoi(std::string(kube::ResourceVersion(object))) + 1;
    object = std::move(next);
    object.Ensure("metadata").Set("resourceVersion", std::to_string(version));
  }
};

Value ConditionNamed(const char* type, const char* status) {
  return {{"type", type}, {"status", status}};
}

Value StatusWith(Value::Array conditions) {
  return {{"observedGeneration", 1}, {"conditions", Value(std::move(conditions))}};
}

TEST_CASE("only a difference is written", "[runtime]") {
  OneObjectClient client;
  StatusWriter writer(client, api::KindOrDie("Kustomization"), client.object, "test", kOwned);
  const Value status = StatusWith({ConditionNamed("Ready", "True")});
  REQUIRE(writer.Patch(Context::Background(), status).ok());
  REQUIRE(writer.Patch(Context::Background(), status).ok());
  CHECK(client.patches == 1);
  CHECK(client.object["status"] == status);
}

TEST_CASE("conditions of others survive a conflict, ours win", "[runtime]") {
  OneObjectClient client;
  StatusWriter writer(client, api::KindOrDie("Kustomization"), client.object, "test", kOwned);
  Value other = client.object;
  other.Set("status",
            StatusWith({ConditionNamed("Ready", "False"), ConditionNamed("Theirs", "True")}));
  client.Replace(other);
  REQUIRE(writer.Patch(Context::Background(), StatusWith({ConditionNamed("Ready", "True")})).ok());
  const Value& conditions = client.object["status"]["conditions"];
  REQUIRE(conditions.size() == 2);
  CHECK(conditions.at(0)["status"].str() == "True");
  CHECK(conditions.at(1)["type"].str() == "Theirs");
}

TEST_CASE("an object that is gone is no error", "[runtime]") {
  OneObjectClient client;
  StatusWriter writer(client, api::KindOrDie("Kustomization"), client.object, "test", kOwned);
  client.gone = true;
  CHECK(writer.Patch(Context::Background(), StatusWith({})).ok());
  Value with_finalizer = client.object;
  with_finalizer.Ensure("metadata").Set("finalizers", Value(Value::Array{api::kFinalizer}));
  CHECK(RemoveFinalizer(Context::Background(), client, api::KindOrDie("Kustomization"),
                        with_finalizer, "test")
            .ok());
  CHECK(LoadForReconcile(Context::Background(), client, api::KindOrDie("Kustomization"), {"x", "a"},
                         "test")
            .value() == std::nullopt);
}

TEST_CASE("the finalizer is added beside others and only it is removed", "[runtime]") {
  OneObjectClient client;
  client.object.Ensure("metadata").Set("finalizers", Value(Value::Array{"theirs"}));
  const kube::Resource& resource = api::KindOrDie("Kustomization");
  const Value added =
      AddFinalizer(Context::Background(), client, resource, client.object, "test").value();
  CHECK(HasFinalizer(added));
  CHECK(added["metadata"]["finalizers"].size() == 2);
  REQUIRE(RemoveFinalizer(Context::Background(), client, resource, added, "test").ok());
  const Value removed = client.object;
  CHECK_FALSE(HasFinalizer(removed));
  CHECK(removed["metadata"]["finalizers"].at(0).str() == "theirs");

  Value stale = removed;
  stale.Ensure("metadata").Set("resourceVersion", "0");
  CHECK_THAT(AddFinalizer(Context::Background(), client, resource, stale, "test").status(),
             testing::StatusIs(absl::StatusCode::kAborted));
}

}  // namespace
}  // namespace sluice::runtime
