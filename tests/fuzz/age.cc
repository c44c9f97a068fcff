// age files and identities: hostile ones are refused, and what is read has one form only.

// SPDX-License-Identifier: Apache-2.0
#include "common/age/armor.h"
#include "common/age/bech32.h"
#include "common/age/decrypt.h"
#include "common/age/header.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(age, input) {
  static const auto* const kReader = new age::Identities(
      age::ParseIdentities(age::EncodeBech32("AGE-SECRET-KEY-", std::string(32, 'k'))).value());
  const auto header = age::ParseHeader(input);
  if (header.ok()) {
    Require(!header->stanzas.empty() && header->size <= input.size(), "a header is a part");
    Require(input.substr(0, header->authenticated.size()) == header->authenticated,
            "what is authenticated is what was read");
  }
  if (const auto key = age::DecodeBech32(input); key.ok()) {
    Require(age::EncodeBech32(key->prefix, key->bytes) == input, "a key has one form", input);
  }
  age::ParseIdentities(input).IgnoreError();
  age::Dearmor(input).IgnoreError();
  age::Decrypt(input, *kReader).IgnoreError();
}

}  // namespace sluice::fuzz
