// The forms of documents that SOPS encrypts.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/sops/metadata.h"
#include "common/sops/tree.h"

namespace sluice::sops {

enum class Format : uint8_t { kBinary, kDotenv, kIni, kJson, kYaml };

// For messages: "YAML", "binary".
absl::string_view FormatName(Format format);
// By the end of the name, as kustomize-controller 1.9 does: "….yaml", "….env"; kBinary for others.
Format FormatForPath(absl::string_view path);
// Whether `text` looks as if SOPS had encrypted it in this form. kBinary looks like kJson.
bool LooksEncrypted(absl::string_view text, Format format);
// The first form that `text` looks encrypted in; nothing if it looks like none.
std::optional<Format> DetectFormat(absl::string_view text);

// A document as it was read, its values still encrypted.
struct EncryptedFile {
  Metadata metadata;
  Documents documents;  // one at least; only YAML has several
};

// kInvalidArgument for what is no such document, or has no metadata in it.
absl::StatusOr<EncryptedFile> LoadEncrypted(absl::string_view text, Format format);
// What `sops decrypt` prints. kInvalidArgument if the documents cannot be written in that form.
absl::StatusOr<std::string> EmitPlain(const Documents& documents, Format format);

}  // namespace sluice::sops
