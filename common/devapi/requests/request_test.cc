// Reading requests: paths, queries, Accept headers.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/devapi/requests/continue_token.h"
#include "common/devapi/requests/media_type.h"
#include "common/devapi/requests/request_info.h"
#include "common/devapi/requests/request_options.h"
#include "common/testing/status_matchers.h"

namespace sluice::devapi {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("a path and method say what is asked for", "[devapi]") {
  struct Row {
    const char* method;
    const char* path;
    const char* query;
    const char* expected;  // verb group/version ns resource/name/subresource, "-" for no resource
  };
  const Row rows[] = {
      {"GET", "/api/v1/pods", "", "list /v1  pods//"},
      {"GET", "/api/v1/pods", "watch=1", "watch /v1  pods//"},
      {"GET", "/api/v1/namespaces/n/pods/p", "", "get /v1 n pods/p/"},
      {"GET", "/api/v1/namespaces/n/pods/p", "watch=true", "get /v1 n pods/p/"},
      {"GET", "/api/v1/watch/namespaces/n/pods", "", "watch /v1 n pods//"},
      {"PATCH", "/api/v1/namespaces/n/pods/p/status", "", "patch /v1 n pods/p/status"},
      {"POST", "/apis/apps/v1/namespaces/n/deployments", "", "create apps/v1 n deployments//"},
      {"PUT", "/apis/apps/v1/namespaces/n/deployments/d", "", "update apps/v1 n deployments/d/"},
      {"DELETE", "/apis/apps/v1/namespaces/n/deployments/d", "", "delete apps/v1 n deployments/d/"},
      {"DELETE", "/apis/apps/v1/namespaces/n/deployments", "",
       "deletecollection apps/v1 n deployments//"},
      {"GET", "/api/v1/namespaces/n", "", "get /v1 n namespaces/n/"},
      {"PUT", "/api/v1/namespaces/n/finalize", "", "update /v1 n namespaces/n/finalize"},
      {"GET", "/api/v1/namespaces", "", "list /v1  namespaces//"},
      {"GET", "/api/v1/nodes/a%2Fb", "", "get /v1  nodes/a/b/"},
      {"GET", "/api/v1", "", "-"},
      {"GET", "/apis/apps/v1", "", "-"},
      {"GET", "/healthz", "", "-"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.method, row.path);
    const RequestInfo info = ParseRequest(row.method, row.path, Query(row.query));
    const std::string text =
        info.is_resource ? absl::StrCat(info.verb, " ", info.group, "/", info.version, " ", info.ns,
                                        " ", info.resource, "/", info.name, "/", info.subresource)
                         : "-";
    CHECK(text == row.expected);
  }
}

TEST_CASE("queries are decoded", "[devapi]") {
  const Query query("a=1&b=x%3Dy+z&a=2&flag&=odd");
  CHECK(query.Get("a") == "1");
  CHECK(query.All("a") == std::vector<std::string>{"1", "2"});
  CHECK(query.Get("b") == "x=y z");
  CHECK(query.Has("flag"));
  CHECK_FALSE(query.Has("none"));
}

TEST_CASE("write options are read and checked", "[devapi]") {
  const WriteOptions options =
      ParseWriteOptions(Query("dryRun=All&fieldManager=me&fieldValidation=Strict&force=true"),
                        "PatchOptions", /*apply=*/true)
          .value();
  CHECK(options.dry_run);
  CHECK(options.field_manager == "me");
  CHECK(options.validation == FieldValidation::kStrict);
  CHECK(options.force == true);
  for (const char* query :
       {"dryRun=Some", "fieldValidation=x", "force=true", "fieldManager=a%0Ab"}) {
    CAPTURE(query);
    CHECK_FALSE(ParseWriteOptions(Query(query), "CreateOptions").ok());
  }
  CHECK_FALSE(ParseWriteOptions(Query(""), "PatchOptions", /*apply=*/true).ok());
  const std::string longest(128, 'm');
  CHECK(ParseWriteOptions(Query("fieldManager=" + longest), "CreateOptions").ok());
  CHECK_FALSE(ParseWriteOptions(Query("fieldManager=" + longest + "m"), "CreateOptions").ok());
}

TEST_CASE("delete options come from the body before the query", "[devapi]") {
  const Value body = {{"propagationPolicy", "Foreground"},
                      {"gracePeriodSeconds", 5},
                      {"preconditions", Value{{"uid", "u"}, {"resourceVersion", "7"}}}};
  const DeleteOptions options =
      ParseDeleteOptions(Query("propagationPolicy=Orphan&gracePeriodSeconds=1"), body).value();
  CHECK(options.propagation == Propagation::kForeground);
  CHECK(options.grace_period_seconds == 5);
  CHECK(options.uid_precondition == "u");
  CHECK(options.version_precondition == "7");
  CHECK(ParseDeleteOptions(Query("orphanDependents=true"), nullptr).value().propagation ==
        Propagation::kOrphan);
  CHECK_FALSE(
      ParseDeleteOptions(Query("orphanDependents=true&propagationPolicy=Orphan"), nullptr).ok());
}

TEST_CASE("a continue token survives its journey; others are refused", "[devapi]") {
  for (const ObjectKey& key : {ObjectKey{"ns", "name"}, ObjectKey{"", "cluster-wide"}}) {
    const ContinueToken token = {42, key};
    const ContinueToken back = ContinueToken::Decode(token.Encode()).value();
    CHECK(back.version == 42);
    CHECK(back.after == key);
  }
  for (const char* text : {"", "zzz", "e30", "eyJ2IjoieCJ9"}) {
    CAPTURE(text);
    CHECK_FALSE(ContinueToken::Decode(text).ok());
  }
}

TEST_CASE("the first form that we speak is answered", "[devapi]") {
  struct Row {
    const char* accept;
    Form form;
    bool yaml;
  };
  const char* table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
  const char* future = "application/json;as=Table;v=v9;g=meta.k8s.io, application/yaml";
  const Row rows[] = {
      {"", Form::kObject, false},
      {"*/*", Form::kObject, false},
      {"application/json, */*", Form::kObject, false},
      {"application/vnd.kubernetes.protobuf,application/json", Form::kObject, false},
      {"application/yaml", Form::kObject, true},
      {table, Form::kTable, false},
      {future, Form::kObject, true},
      {"application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", Form::kPartialMetadata,
       false},
      {"application/json;q=0.9", Form::kObject, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.accept);
    const Negotiated negotiated = NegotiateResource(row.accept, Query()).value();
    CHECK(negotiated.form == row.form);
    CHECK(negotiated.yaml == row.yaml);
  }
  CHECK_THAT(NegotiateResource("text/html", Query()).status(),
             StatusIs(absl::StatusCode::kUnimplemented, "media types"));
}

}  // namespace
}  // namespace sluice::devapi
