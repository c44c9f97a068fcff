// TOML in templates: what is read is written as TOML again.

// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/toml.h"
#include "common/gotmpl/session.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(toml, input) {
  const auto document = sprig::DecodeToml(input);
  if (!document.ok()) return;
  gotmpl::Session session(gotmpl::Limits{}, nullptr);
  const auto text = sprig::EncodeToml(*document, session);
  if (text.ok()) Require(sprig::DecodeToml(*text).ok(), "TOML is read as written", *text);
}

}  // namespace sluice::fuzz
