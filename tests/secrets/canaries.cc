// SPDX-License-Identifier: Apache-2.0
#include "tests/secrets/canaries.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/crypto/random.h"

namespace sluice::secrets {
namespace {

// What Base64 makes of `core` when `before` bytes stand before it, without the characters that
// depend on what is around it.
std::string Base64Within(const std::string& core, size_t before) {
  const std::string all = absl::Base64Escape(std::string(before, ' ') + core);
  const size_t begin = (before * 8 + 5) / 6;
  const size_t end = (before + core.size()) * 8 / 6;
  return all.substr(begin, end - begin);
}

}  // namespace

std::string Canaries::NewPlain(const std::string& path) {
  const std::string core = crypto::RandomHex(6);
  Add(path, core);
  return absl::StrCat(core, "-canary");
}

std::string Canaries::New(const std::string& path) { return NewPlain(path) + "/+%&=\"' <\\>"; }

std::vector<std::string> Canaries::In(absl::string_view text) const {
  std::vector<std::string> paths;
  for (const auto& [path, core] : cores_) {
    bool found =
        absl::StrContains(text, core) || absl::StrContains(text, absl::BytesToHexString(core));
    for (size_t before = 0; before < 3; ++before) {
      const std::string within = Base64Within(core, before);
      found = found || absl::StrContains(text, within) ||
              absl::StrContains(text, absl::StrReplaceAll(within, {{"+", "-"}, {"/", "_"}}));
    }
    if (found) paths.push_back(path);
  }
  return paths;
}

}  // namespace sluice::secrets
