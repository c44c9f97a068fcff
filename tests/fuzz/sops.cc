// Documents that SOPS might have encrypted, in the form that the first character names (y, j, d, i,
// b). All master keys lead to one data key.

// SPDX-License-Identifier: Apache-2.0
#include "common/sops/decrypt.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {
namespace {

using sops::Format;

class OneKey : public sops::KeyService {
 public:
  absl::StatusOr<Secret> Decrypt(const Context&, const sops::MasterKey&) override {
    return Secret(std::string(32, 'k'));
  }
};

Format FormatOf(char name) {
  switch (name) {
    case 'y':
      return Format::kYaml;
    case 'j':
      return Format::kJson;
    case 'd':
      return Format::kDotenv;
    case 'i':
      return Format::kIni;
    default:
      return Format::kBinary;
  }
}

}  // namespace

FUZZ_TARGET(sops, input) {
  if (input.empty()) return;
  const Format format = FormatOf(input[0]);
  input.remove_prefix(1);
  OneKey keys;
  const Context ctx = Context::Background();
  for (const Format output :
       {Format::kYaml, Format::kJson, Format::kDotenv, Format::kIni, Format::kBinary}) {
    const auto plain = sops::Decrypt(ctx, input, format, output, keys, {.verify_mac = false});
    Require(plain.ok() || !plain.status().message().empty(), "a refusal says why");
  }
  sops::Decrypt(ctx, input, format, format, keys).IgnoreError();
}

}  // namespace sluice::fuzz
