// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/kinds/builtin_kinds.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "common/devapi/schema/go_codec.h"
#include "common/devapi/testdata.h"
#include "common/testing/status_matchers.h"

namespace sluice::devapi {
namespace {

using ::sluice::testing::StatusIs;
using ::sluice::value::FormatJson;

TEST_CASE("the built-in kinds know their names, verbs and subresources", "[devapi]") {
  const BuiltinKinds kinds;
  const auto it = std::find_if(
      kinds.kinds().begin(), kinds.kinds().end(),
      [](const BuiltinKind& kind) { return kind.group == "apps" && kind.kind == "Deployment"; });
  REQUIRE(it != kinds.kinds().end());
  CHECK(it->version == "v1");
  CHECK(it->plural == "deployments");
  CHECK(it->short_names == std::vector<std::string>{"deploy"});
  CHECK(it->categories == std::vector<std::string>{"all"});
  CHECK(it->namespaced);
  CHECK(it->verbs.size() == 8);
  REQUIRE(it->subresources.size() == 2);
  CHECK(it->subresources[0].name == "scale");
  CHECK(it->subresources[0].kind == "Scale");
  CHECK(it->subresources[0].group == "autoscaling");
  CHECK(it->subresources[1].kind == "Deployment");
  CHECK(it->subresources[1].group == "apps");
}

TEST_CASE("every resource and everything sent to a subresource has a type", "[devapi]") {
  const BuiltinKinds kinds;
  REQUIRE(kinds.kinds().size() > 50);
  for (const BuiltinKind& kind : kinds.kinds()) {
    CAPTURE(kind.group, kind.version, kind.kind);
    CHECK(kinds.SchemaOf(kind.group, kind.version, kind.kind) != nullptr);
    for (const BuiltinSubresource& subresource : kind.subresources) {
      // Options of a stream are query parameters, not objects.
      if (subresource.kind.find("Options") != std::string::npos) continue;
      CAPTURE(subresource.name, subresource.kind);
      CHECK(kinds.SchemaOf(subresource.group, subresource.version, subresource.kind) != nullptr);
    }
  }
  CHECK(kinds.SchemaOf("apps", "v1", "Nope") == nullptr);
  CHECK(kinds.SchemaOf("apps", "v2", "Deployment") == nullptr);
}

TEST_CASE("the schema of a type that holds itself is finite", "[devapi]") {
  const BuiltinKinds kinds;
  const Schema* const crd =
      kinds.SchemaOf("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
  REQUIRE(crd != nullptr);
  const Schema* const version = crd->Find("spec")->schema->Find("versions")->schema->items;
  const Schema* const props = version->Find("schema")->schema->Find("openAPIV3Schema")->schema;
  CHECK(props->Find("properties")->schema->additional == props);
}

TEST_CASE("metadata of custom resources is decoded as Go decodes it", "[devapi]") {
  const BuiltinKinds kinds;
  const Value recorded = RecordedAnswers("custom.json");
  const auto schema = CompileCustomSchema(recorded["schema"], kinds.object_meta()).value();
  int refused = 0;
  for (const Value& row : recorded["cases"].items()) {
    if (!row.Has("refused")) continue;
    ++refused;
    Value object = {{"metadata", {{"name", "p"}}}, {"spec", row["spec"]}};
    std::vector<std::string> unknown;
    const absl::Status status =
        GoDecodeMetadata(*schema->root, kinds.object_meta(), object, unknown);
    CHECK("Probe in version \"v1\" cannot be handled as a Probe: " +
              std::string(status.message()) ==
          row["refused"].str());
  }
  CHECK(refused > 0);

  Value object = {{"metadata",
                   {{"name", "p"},
                    {"labels", Value::EmptyObject()},
                    {"nope", 1},
                    {"creationTimestamp", nullptr}}},
                  {"spec", {{"emb", {{"metadata", {{"name", "x"}, {"odd", 1}}}}}}}};
  std::vector<std::string> unknown;
  REQUIRE(GoDecodeMetadata(*schema->root, kinds.object_meta(), object, unknown).ok());
  CHECK(FormatJson(object["metadata"]) == R"({"name":"p"})");
  CHECK(unknown == std::vector<std::string>{"metadata.nope", "spec.emb.metadata.odd"});
}

TEST_CASE("values of the wrong type are refused in Go's words", "[devapi]") {
  const BuiltinKinds kinds;
  const Schema& event = *kinds.SchemaOf("", "v1", "Event");
  struct Row {
    const char* object;
    const char* error;
  };
  const Row rows[] = {
      {R"({"count":3000000000})",
       "json: cannot unmarshal number 3000000000 into Go struct field Event.count of type int32"},
      {R"({"metadata":{"generation":"x"}})",
       "json: cannot unmarshal string into Go struct field ObjectMeta.metadata.generation of type "
       "int64"},
      {R"({"metadata":{"uid":5}})",
       "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.uid of type "
       "types.UID"},
      {R"({"metadata":{"ownerReferences":[{"controller":"x"}]}})",
       "json: cannot unmarshal string into Go struct field "
       "OwnerReference.metadata.ownerReferences.controller of type bool"},
      {R"({"lastTimestamp":"1 Jan"})",
       R"(parsing time "1 Jan" as "2006-01-02T15:04:05Z07:00": cannot parse "1 Jan" as "2006")"},
      {R"("text")", "json: cannot unmarshal string into Go value of type v1.Event"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.object);
    CHECK_THAT(GoDecode(event, value::ParseJson(row.object).value()).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.error));
  }
}

}  // namespace
}  // namespace sluice::devapi
