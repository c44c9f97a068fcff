// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "common/sprig/testing.h"

namespace sluice::sprig {
namespace {

TEST_CASE("base64, base32 and checksums", "[sprig]") {
  const Row rows[] = {
      {"{{ b64enc `abcd` }} {{ b64dec `YWJjZA==` }} {{ b64dec `YW\nJj` }}", "YWJjZA== abcd abc"},
      {"{{ b32enc `foobar` }} {{ b32dec `MZXW6YTBOI======` }}", "MZXW6YTBOI====== foobar"},
      {"{{ b64dec `a` }}|{{ b64dec `YQ=` }}|{{ b64dec `YQ==x` }}|{{ b64dec `Y*` }}",
       "illegal base64 data at input byte 0|illegal base64 data at input byte 3|illegal base64 "
       "data at input byte 4|illegal base64 data at input byte 1"},
      {"{{ b32dec `ME=====` }}|{{ b32dec `MFR=====` }}|{{ b32dec `a` }}",
       "illegal base32 data at input byte 7|illegal base32 data at input byte 3|illegal base32 "
       "data at input byte 0"},
      {"{{ sha1sum `x` }} {{ adler32sum `x` }}",
       "11f6ad8ec52a2984abaafd7c3b516503785c2072 7929977"},
      {"{{ sha256sum `` | trunc 8 }} {{ sha512sum `` | trunc 8 }}", "e3b0c442 cf83e135"},
  };
  CheckRows(rows);
}

TEST_CASE("passwords are derived and hidden", "[sprig]") {
  const Row rows[] = {
      {"{{ derivePassword 1 `long` `password` `user` `example.com` }}", "ZedaFaxcZaso9*"},
      {"{{ derivePassword 1 `maximum` `pw` `u` `s` }}", "o2-3WFZN4Khgl8(&IuEk"},
      {"{{ derivePassword 1 `pin` `pw` `u` `s` }}", "6287"},
      {"{{ derivePassword 1 `x` `pw` `u` `s` }}", "cannot find password template x"},
      // Salted with the bytes 0 to 15.
      {"{{ bcrypt `secret` }}", "$2a$10$..CA.uOD/eaGAOmJB.yMBu0jSOqyoKcaQ/YvzjM283iifHYPhsi9y"},
      {"{{ htpasswd `us:er` `x` }}", "invalid username: us:er"},
      {"{{ htpasswd `u` `p` | trunc 9 }}", "u:$2a$10$"},
      {"{{ bcrypt (repeat 73 `x`) }}",
       "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"},
      {"{{ encryptAES `key` `text` }}", "AAECAwQFBgcICQoLDA0ODwxKZLUCPEle7eH5y9J09xQ="},
      {"{{ encryptAES `key` `text` | decryptAES `key` }}{{ decryptAES `key` `` }}", "text"},
      {"{{ decryptAES `key` `eA==` }}",
       "decryptAES: runtime error: slice bounds out of range [:16] with capacity 3"},
      {"{{ decryptAES `key` `*` }}", "decryptAES: illegal base64 data at input byte 0"},
  };
  CheckRows(rows);
}

TEST_CASE("certificates are made for names and addresses", "[sprig]") {
  const Row rows[] = {
      {"{{ $ca := genCA `ca` 1 }}{{ $c := genSignedCert `x` (list `10.0.0.1`) (list `a.b`) 1 $ca }}"
       "{{ $c.Cert | trim | splitList \"\\n\" | first }}|{{ hasPrefix `-----BEGIN RSA` $c.Key }}",
       "-----BEGIN CERTIFICATE-----|true"},
      {"{{ $k := genPrivateKey `ecdsa` }}{{ (genCAWithKey `x` 1 $k).Key | eq $k }}"
       "{{ (genSelfSignedCertWithKey `x` nil nil 1 (genPrivateKey `ed25519`)).Key | trunc 27 }}",
       "true-----BEGIN PRIVATE KEY-----"},
      {"{{ $k := genPrivateKey `ecdsa` }}{{ $c := genCAWithKey `x` 1 $k }}"
       "{{ $d := buildCustomCert (b64enc $c.Cert) (b64enc $k) }}{{ eq $d.Cert $c.Cert }}",
       "true"},
      {"{{ genPrivateKey `x` }}", "Unknown type x"},
      {"{{ genSelfSignedCert `x` (list `300.1.1.1`) nil 1 }}",
       "genSelfSignedCert: error parsing ip: 300.1.1.1"},
      {"{{ genSelfSignedCert `x` nil (list 5) 1 }}",
       "genSelfSignedCert: error processing alternate dns name: 5 is not a string"},
      {"{{ buildCustomCert `` `` }}", "buildCustomCert: unable to decode certificate"},
      {"{{ genCAWithKey `x` 1 `bad` }}", "genCAWithKey: parsing private key: no PEM data in input"},
  };
  CheckRows(rows);
}

TEST_CASE("what takes long is charged as many steps", "[sprig]") {
  for (const char* text :
       {"{{ genCA `x` 1 }}", "{{ genPrivateKey `rsa` }}", "{{ bcrypt `x` }}",
        "{{ derivePassword 1 `long` `p` `u` `s` }}", "{{ upper (repeat 100000 `x`) }}"}) {
    CAPTURE(text);
    CHECK_THAT(Rendered(text, {.steps = 1000}),
               Catch::Contains("exceed the limit of 1000 evaluation steps"));
  }
}

TEST_CASE("chance comes from the environment", "[sprig]") {
  const Row rows[] = {
      {"{{ randAlphaNum 5 | len }}{{ randAlpha 0 }}{{ randNumeric -1 }}", "5"},
      {"{{ regexMatch `^[0-9]{9}$` (randNumeric 9) }}{{ regexMatch `^[A-Za-z]{9}$` (randAlpha 9) }}"
       "{{ regexMatch `^[ -~]{9}$` (randAscii 9) }}",
       "truetruetrue"},
      {"{{ randBytes 3 }}|{{ randBytes 0 }}", "AAEC|"},
      {"{{ $n := randInt 3 5 }}{{ and (ge $n 3) (lt $n 5) }}", "true"},
      {"{{ randInt 5 5 }}", "randInt: invalid argument to Intn"},
      {"{{ uuidv4 }}", "00010203-0405-4607-8809-0a0b0c0d0e0f"},
      {"{{ shuffle `abc` | splitList `` | sortAlpha | join `` }}{{ shuffle `` }}", "abc"},
      {"{{ getHostByName `known` }}[{{ getHostByName `off` }}]", "192.0.2.7[]"},
      {"{{ getHostByName `unknown` }}", "getHostByName: invalid argument to Intn"},
  };
  CheckRows(rows);
}

TEST_CASE("without an environment there is neither time nor chance", "[sprig]") {
  gotmpl::FunctionTable functions;
  AddFunctions(functions);
  for (const char* text : {"{{ now }}", "{{ randAlpha 3 }}", "{{ uuidv4 }}", "{{ bcrypt `x` }}",
                           "{{ encryptAES `k` `x` }}", "{{ date `2006` `x` }}"}) {
    CAPTURE(text);
    gotmpl::TemplateSet set("root", functions);
    REQUIRE(set.Parse("t", text).ok());
    gotmpl::Session session;
    std::string out;
    const absl::Status status = set.Execute("t", gotmpl::Value::NewMap(), session, out);
    CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  }
}

}  // namespace
}  // namespace sluice::sprig
