// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/digest.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "common/testing/status_matchers.h"

namespace sluice::crypto {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("digests are those of the standards", "[crypto]") {
  struct Row {
    Algorithm algorithm;
    const char* name;
    const char* text;
    const char* hex;
  };
  const Row rows[] = {
      {Algorithm::kSha1, "sha1", "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
      {Algorithm::kSha1, "sha1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
      {Algorithm::kSha256, "sha256", "",
       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {Algorithm::kSha256, "sha256", "abc",
       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {Algorithm::kSha384, "sha384", "abc",
       "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
       "8086072ba1e7cc2358baeca134c825a7"},
      {Algorithm::kSha512, "sha512", "abc",
       "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
       "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
      {Algorithm::kBlake3, "blake3", "",
       "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name, row.text);
    CHECK(absl::BytesToHexString(Digest(row.algorithm, row.text)) == row.hex);
    CHECK(AlgorithmName(row.algorithm) == row.name);
    CHECK(ParseAlgorithm(row.name).value() == row.algorithm);
  }
  CHECK(Sha256Hex("") == rows[2].hex);
  CHECK(Sha256Hex("abc") == rows[3].hex);
  const std::string blocks(200, 'x');
  CHECK(Sha256Hex(blocks) == absl::BytesToHexString(Digest(Algorithm::kSha256, blocks)));
}

TEST_CASE("bytes may come in pieces and hold anything", "[crypto]") {
  const std::string text("a\0b\xff", 4);
  Digester digester(Algorithm::kSha256);
  for (const char byte : text) digester.Update(absl::string_view(&byte, 1));
  digester.Update("");
  CHECK(digester.Finish() == Digest(Algorithm::kSha256, text));
  CHECK(Digest(Algorithm::kSha256, text) != Digest(Algorithm::kSha256, "a"));
}

TEST_CASE("an algorithm is known by its exact name only", "[crypto]") {
  for (const char* name : {"", "SHA256", "sha-256", "md5", "BLAKE3", "sha256 "}) {
    CAPTURE(name);
    CHECK_THAT(ParseAlgorithm(name).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "unsupported digest algorithm"));
  }
  // A hostile name is neither repeated at length nor unescaped.
  const std::string message(ParseAlgorithm(std::string(10'000, '\n')).status().message());
  CHECK(message.size() < 512);
  CHECK(message.find('\n') == std::string::npos);
}

TEST_CASE("equality in constant time is still equality", "[crypto]") {
  CHECK(ConstantTimeEquals("", ""));
  CHECK(ConstantTimeEquals("secret", "secret"));
  CHECK_FALSE(ConstantTimeEquals("secret", "secres"));
  CHECK_FALSE(ConstantTimeEquals("secret", "secre"));
  CHECK_FALSE(ConstantTimeEquals("", "a"));
}

}  // namespace
}  // namespace sluice::crypto
