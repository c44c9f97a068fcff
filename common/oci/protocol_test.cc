// What is read off the wire: challenges, refusals, manifests, and where a token may come from.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/oci/authorizer.h"
#include "common/oci/challenge.h"
#include "common/oci/manifest.h"
#include "common/oci/registry_error.h"
#include "common/testing/status_matchers.h"

namespace sluice::oci {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

TEST_CASE("the first challenge that we know is taken", "[oci]") {
  struct Row {
    const char* field;
    const char* read;  // "scheme realm service scope", or "" if there is none
  };
  const Row rows[] = {
      {R"(Bearer realm="https://a/token",service="s",scope="repository:x:pull")",
       "bearer https://a/token s repository:x:pull"},
      {R"(bearer realm=https://a , service=s)", ""},  // a URL needs quotes
      {R"(Basic realm="x")", "basic x  "},
      {"basic", "basic   "},
      {R"(Negotiate, Bearer realm="https://a/token")", "bearer https://a/token  "},
      {R"(Digest realm="a",nonce="b,c", Basic realm="q\"x")", "basic q\"x  "},
      {R"(Bearer service="s", Basic realm="x")", "basic x  "},
      {R"(Bearer realm="unterminated)", ""},
      {"", ""},
      {",,,", ""},
      {"Negotiate", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.field);
    const auto challenge = FindChallenge({{"WWW-Authenticate", row.field}});
    const std::string read =
        !challenge.has_value()
            ? ""
            : absl::StrCat(challenge->scheme == Challenge::Scheme::kBasic ? "basic" : "bearer", " ",
                           challenge->realm, " ", challenge->service, " ", challenge->scope);
    CHECK(read == row.read);
  }
  CHECK(FindChallenge({{"WWW-Authenticate", "Negotiate"}, {"www-authenticate", "Basic"}})
            .has_value());
}

TEST_CASE("a refusal is told in the reference's words", "[oci]") {
  struct Row {
    const char* method;
    int status;
    const char* body;
    absl::StatusCode code;
    const char* message;
  };
  const Row rows[] = {
      {"GET", 404, R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown",
                       "detail":{"Tag":"1","n":[1,true,null]}}]})",
       absl::StatusCode::kNotFound,
       "GET https://h/x: MANIFEST_UNKNOWN: manifest unknown; map[Tag:1 n:[1 true <nil>]]"},
      {"GET", 403, R"({"errors":[{"code":"A","message":"b"},{"code":"C"}]})",
       absl::StatusCode::kPermissionDenied, "GET https://h/x: multiple errors returned: A: b; C: "},
      {"HEAD", 401, "", absl::StatusCode::kUnauthenticated,
       "HEAD https://h/x: unexpected status code 401 Unauthorized (HEAD responses have no body, "
       "use GET for details)"},
      {"GET", 503, "busy", absl::StatusCode::kUnavailable,
       "GET https://h/x: unexpected status code 503 Service Unavailable: busy"},
      {"GET", 429, "", absl::StatusCode::kUnavailable,
       "GET https://h/x: unexpected status code 429 Too Many Requests"},
      {"GET", 400, "{}", absl::StatusCode::kFailedPrecondition,
       "GET https://h/x: unexpected status code 400 Bad Request: {}"},
  };
  for (const Row& row : rows) {
    const absl::Status status = RegistryError(row.method, "https://u:p@h/x", row.status, row.body);
    CHECK(status.message() == row.message);
    CHECK(status.code() == row.code);
  }
}

TEST_CASE("a token service is trusted only where it can be", "[oci]") {
  struct Row {
    const char* base;
    const char* realm;
    bool trusted;
  };
  const Row rows[] = {
      {"https://reg.io", "https://auth.io/token", true},
      {"https://reg.io", "http://auth.io/token", false},
      {"http://reg.io", "http://auth.io/token", true},
      {"https://reg.io", "https://127.0.0.1/token", false},
      {"https://reg.io", "https://169.254.169.254/latest", false},
      {"https://reg.io", "https://10.0.0.1/", false},
      {"https://reg.io", "https://192.168.0.1/", false},
      {"https://reg.io", "https://172.20.0.1/", false},
      {"https://reg.io", "https://8.8.8.8/", true},
      {"https://reg.io", "https://[::1]/", false},
      {"https://reg.io", "https://[fe80::1]/", false},
      {"https://reg.io", "https://[fd00::1]/", false},
      {"https://reg.io", "https://[::ffff:10.0.0.1]/", false},
      {"https://reg.io", "https://[2001:db8::1]/", true},
      {"http://127.0.0.1:5000", "http://127.0.0.1:5001/token", true},  // the registry's own host
      {"https://reg.io", "file:///etc/passwd", false},
      {"https://reg.io", "token", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.base, row.realm);
    CHECK(CheckRealm(row.base, row.realm).ok() == row.trusted);
  }
}

const std::string kDigest = absl::StrCat("sha256:", std::string(64, 'a'));

TEST_CASE("a manifest says what it consists of", "[oci]") {
  const std::string entry = absl::StrCat(R"({"mediaType":"t","digest":")", kDigest,
                                         R"(","size":5,"annotations":{"k":"v"}})");
  const Manifest manifest =
      ParseManifest(absl::StrCat(R"({"mediaType":"m","artifactType":"a","config":)", entry,
                                 R"(,"layers":[)", entry, R"(],"subject":)", entry,
                                 R"(,"annotations":{"a":"b","odd":1}})"))
          .value();
  CHECK(manifest.media_type == "m");
  CHECK(manifest.artifact_type == "a");
  REQUIRE(manifest.layers.size() == 1);
  CHECK(manifest.layers[0].digest.ToString() == kDigest);
  CHECK(manifest.layers[0].size == 5);
  CHECK(manifest.layers[0].annotations.at("k") == "v");
  CHECK(manifest.subject.has_value());
  CHECK(manifest.annotations == Annotations{{"a", "b"}});
}

TEST_CASE("a manifest that is none is refused, with the place", "[oci]") {
  const auto with = [&](absl::string_view layer) {
    return absl::StrCat(R"({"config":{"digest":")", kDigest, R"(","size":0},"layers":[)", layer,
                        "]}");
  };
  std::string many = with("");
  many.resize(many.size() - 2);
  for (int i = 0; i <= 10'000; ++i) absl::StrAppend(&many, i > 0 ? "," : "", "{}");
  struct Row {
    std::string text;
    const char* problem;
  };
  const Row rows[] = {
      {"", "invalid JSON"},
      {"[]", "no object"},
      {"{}", "config: unsupported digest"},
      {with(R"({"digest":"sha256:x","size":1})"), "layers[0]: invalid checksum digest length"},
      {with(absl::StrCat(R"({"digest":")", kDigest, R"(","size":-1})")), "is no number of bytes"},
      {with(absl::StrCat(R"({"digest":")", kDigest, R"(","size":1e3})")), "is no number of bytes"},
      {many + "]}", "more than 10000 layers"},
  };
  for (const Row& row : rows) {
    CHECK_THAT(ParseManifest(row.text).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.problem));
  }
}

TEST_CASE("of an index the platform's manifest is taken", "[oci]") {
  const auto entry = [](char digit, absl::string_view platform) {
    return absl::StrCat(R"({"digest":"sha256:)", std::string(64, digit), R"(","size":1)",
                        platform.empty() ? "" : ",\"platform\":", platform, "}");
  };
  const Index index =
      ParseIndex(absl::StrCat(R"({"manifests":[)",
                              entry('1', R"({"os":"linux","architecture":"arm64","variant":"v8"})"),
                              ",", entry('2', ""), ",",
                              entry('3', R"({"os":"windows","architecture":"amd64"})"), "]}"))
          .value();
  CHECK(ForPlatform(index, Platform()) == &index.manifests[1]);
  CHECK(ForPlatform(index, {"linux", "arm64", ""}) == &index.manifests[0]);
  CHECK(ForPlatform(index, {"linux", "arm64", "v7"}) == nullptr);
  CHECK(ForPlatform(index, {"windows", "amd64", ""}) == &index.manifests[2]);
  CHECK_THAT(ParseIndex("{}").status(), IsOk());
}

}  // namespace
}  // namespace sluice::oci
