// SPDX-License-Identifier: Apache-2.0
#include "common/value/secret_texts.h"

#include <catch2/catch.hpp>
#include <string>

namespace sluice::value {
namespace {

TEST_CASE("a secret is taken out of a message in every form it has there", "[value]") {
  SecretTexts secrets;
  secrets.Add("hunter\"2\n");
  secrets.Add("first line\nsecond\tline");
  struct Row {
    const char* message;
    const char* masked;
  };
  const Row rows[] = {
      {"a: hunter\"2 is wrong", "a: *** is wrong"},
      {R"(invalid value "hunter\"2")", R"(invalid value "***")"},
      {R"(invalid value "first line\nsecond\tline")", R"(invalid value "***\n***")"},
      {"data aHVudGVyIjIK", "data ***"},
      {"second\tline alone", "*** alone"},
      {"hunter2 is another", "hunter2 is another"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    CHECK(secrets.Masked(row.message) == row.masked);
  }
}

TEST_CASE("what is too short to be told apart is left", "[value]") {
  SecretTexts secrets;
  secrets.Add("abc");
  secrets.Add("");
  CHECK(secrets.Masked("abc stays") == "abc stays");
}

TEST_CASE("the longer of two secrets goes first", "[value]") {
  SecretTexts secrets;
  secrets.Add("word");
  secrets.Add("password");
  CHECK(secrets.Masked("password, word") == "***, ***");
}

TEST_CASE("the values of a Secret are known decoded and as they are, numbers too", "[value]") {
  SecretTexts secrets;
  secrets.AddSecret({{"metadata", {{"name", "login"}}},
                     {"data", {{"password", "aHVudGVyMg=="}, {"pin", 12345}}},
                     {"stringData", {{"list", Value(Value::Array{"secret item"})}}}});
  CHECK(secrets.Masked("login: hunter2, aHVudGVyMg==, 12345, secret item") ==
        "login: ***, ***, ***, ***");
  SecretTexts others;
  others.Merge(secrets);
  CHECK(others.Masked("hunter2") == "***");
}

}  // namespace
}  // namespace sluice::value
