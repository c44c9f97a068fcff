// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/inputs.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/crypto/digest.h"

namespace sluice::kustomize {
namespace {

// Begins a part so that no two sequences of parts look alike.
void Part(crypto::Digester& digester, absl::string_view kind, absl::string_view bytes) {
  digester.Update(absl::StrCat(kind, bytes.size(), ":"));
  digester.Update(bytes);
}

void Listing(const fs::Tree& tree, absl::string_view folder, crypto::Digester& digester) {
  const auto entries = tree.List(folder);
  if (!entries.ok()) return Part(digester, "-", "");
  for (const fs::Entry& entry : *entries) {
    Part(digester, entry.type == fs::EntryType::kDirectory ? "d" : "e", entry.name);
  }
  Part(digester, ".", "");
}

void Content(const fs::Tree& tree, absl::string_view path, crypto::Digester& digester) {
  const auto entry = tree.Stat(path);
  if (!entry.ok()) return Part(digester, "-", "");
  if (entry->type == fs::EntryType::kDirectory) return Part(digester, "d", "");
  const auto bytes = entry->type == fs::EntryType::kSymlink ? tree.ReadLink(path) : tree.Read(path);
  if (!bytes.ok()) return Part(digester, "!", "");
  Part(digester, entry->type == fs::EntryType::kSymlink ? "l" : "f", *bytes);
}

}  // namespace

std::string InputsDigest(const fs::Tree& tree, const std::set<std::string>& inputs) {
  crypto::Digester digester(crypto::Algorithm::kSha256);
  for (const std::string& input : inputs) {
    Part(digester, "p", input);
    absl::string_view path = input;
    if (absl::ConsumeSuffix(&path, "/")) {
      Listing(tree, path, digester);
    } else {
      Content(tree, path, digester);
    }
  }
  return digester.Finish();
}

}  // namespace sluice::kustomize
