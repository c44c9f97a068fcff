// SPDX-License-Identifier: Apache-2.0
#include "common/bucket/s3_signer.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::bucket {
namespace {

using ::sluice::testing::StatusIs;

const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2013, 5, 24), absl::UTCTimeZone());

AwsCredentials Example() {
  AwsCredentials credentials;
  credentials.access_key = "AKIAIOSFODNN7EXAMPLE";
  credentials.secret_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  return credentials;
}

// The examples of the Amazon S3 API reference, "Signature Calculations for the Authorization
// Header".
TEST_CASE("requests are signed as Amazon's examples are", "[bucket]") {
  struct Row {
    const char* url;
    http::Headers headers;
    const char* names;
    const char* signature;
  };
  const Row rows[] = {
      {"https://examplebucket.s3.amazonaws.com/test.txt",
       {{"Range", "bytes=0-9"}},
       "host;range;x-amz-content-sha256;x-amz-date",
       "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
      {"https://examplebucket.s3.amazonaws.com/?lifecycle",
       {},
       "host;x-amz-content-sha256;x-amz-date",
       "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
      {"https://examplebucket.s3.amazonaws.com/?prefix=J&max-keys=2",
       {},
       "host;x-amz-content-sha256;x-amz-date",
       "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    http::Request request;
    request.url = row.url;
    request.headers = row.headers;
    REQUIRE(Sign(Example(), {"us-east-1", "s3"}, kNow, request).ok());
    CHECK(request.headers.Get("Authorization") ==
          absl::StrCat("AWS4-HMAC-SHA256 "
                       "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                       "SignedHeaders=",
                       row.names, ", Signature=", row.signature));
    CHECK(request.headers.Get("X-Amz-Date") == "20130524T000000Z");
  }
}

TEST_CASE("a session token is sent and signed", "[bucket]") {
  AwsCredentials credentials = Example();
  credentials.session_token = Secret("TOKEN");
  http::Request request;
  request.url = "http://h:9000/b/";
  REQUIRE(Sign(credentials, {"us-east-1", "s3"}, kNow, request).ok());
  CHECK(request.headers.Get("X-Amz-Security-Token") == "TOKEN");
  CHECK(request.headers.Get("Host") == "h:9000");
  CHECK(absl::StrContains(request.headers.Get("Authorization"), ";x-amz-security-token,"));
}

// The presigned request of the IAM user guide, "Add the signature to the request".
TEST_CASE("a URL is signed as Amazon's example is", "[bucket]") {
  AwsCredentials credentials;
  credentials.access_key = "AKIDEXAMPLE";
  credentials.secret_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  http::Request request;
  request.url = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08";
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  const absl::Time now =
      absl::FromCivil(absl::CivilSecond(2015, 8, 30, 12, 36, 0), absl::UTCTimeZone());
  const SigningScope scope = {"us-east-1", "iam"};
  const auto url = Presign(credentials, scope, now, absl::Minutes(1), request);
  REQUIRE(url.ok());
  CHECK(*url ==
        "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fiam%2Faws4_request"
        "&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=content-type%3Bhost"
        "&X-Amz-Signature=37ac2f4fde00b0ac9bd9eadeb459b1bbee224158d66e7ae5fcadb70b2d181d02");

  credentials.session_token = Secret("a/b");
  const auto temporary = Presign(credentials, scope, now, absl::Minutes(1), request);
  REQUIRE(temporary.ok());
  CHECK(absl::StrContains(*temporary, "&X-Amz-Security-Token=a%2Fb&"));
  request.url = "no URL";
  CHECK_THAT(Presign(credentials, scope, now, absl::Minutes(1), request).status(),
             StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_CASE("what is no URL is not signed", "[bucket]") {
  http::Request request;
  request.url = "no url";
  CHECK_THAT(Sign(Example(), {"us-east-1", "s3"}, kNow, request),
             StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace sluice::bucket
