// SPDX-License-Identifier: Apache-2.0
#include "common/helm_repository/repository_url.h"

#include <catch2/catch.hpp>

namespace sluice::helm_repository {
namespace {

TEST_CASE("URLs of one repository have one form", "[helm_repository]") {
  struct Row {
    const char* url;
    const char* expected;
  };
  const Row rows[] = {
      {"http://h", "http://h/"},
      {"http://h/", "http://h/"},
      {"http://h//", "http://h/"},
      {"http://h?st=p", "http://h/?st=p"},
      {"http://h/next%2Fpath?st=p", "http://h/next%2Fpath/?st=p"},
      {"https://h:8443/a/b", "https://h:8443/a/b/"},
      {"oci://h/a/", "oci://h/a"},
      {"oci://h/a", "oci://h/a"},
      {"", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    CHECK(NormalizeUrl(row.url).value() == row.expected);
  }
  for (const char* url : {"http://h/%zz", "1http://h", "://h", "http://h/\n"}) {
    CAPTURE(url);
    CHECK(NormalizeUrl(url).status().code() == absl::StatusCode::kInvalidArgument);
  }
}

TEST_CASE("the index and the charts are found beside it", "[helm_repository]") {
  CHECK(IndexUrl("http://h/charts/?a=b").value() == "http://h/charts/index.yaml?a=b");
  CHECK(IndexUrl("http://h").value() == "http://h/index.yaml");
  struct Row {
    const char* reference;
    const char* expected;
  };
  const Row rows[] = {
      {"web-1.0.0.tgz", "https://h/charts/web-1.0.0.tgz?a=b"},
      {"./x/web.tgz", "https://h/charts/x/web.tgz?a=b"},
      {"../web.tgz", "https://h/web.tgz?a=b"},
      {"../../../web.tgz", "https://h/web.tgz?a=b"},
      {"/web.tgz", "https://h/web.tgz?a=b"},
      {"//other/web.tgz", "https://other/web.tgz?a=b"},
      {"http://other/web.tgz?c=d", "http://other/web.tgz?c=d"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.reference);
    CHECK(ChartUrl("https://h/charts?a=b", row.reference).value() == row.expected);
  }
}

}  // namespace
}  // namespace sluice::helm_repository
