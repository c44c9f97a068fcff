// Reading and writing each form; format.h chooses. Errors are worded as SOPS 3.11 words them where
// their own text is not that of a Go library.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/sops/format.h"
#include "common/sops/tree.h"

namespace sluice::sops {

// Numbers are doubles, as Go's JSON decoder has them.
absl::StatusOr<EncryptedFile> LoadJson(absl::string_view text);
// Indented by tabs, comments left out.
absl::StatusOr<std::string> EmitJson(const Document& document);

// Comments stay with what they precede.
absl::StatusOr<EncryptedFile> LoadYaml(absl::string_view text);
// Indented by four.
absl::StatusOr<std::string> EmitYaml(const Documents& documents);

// Lines "KEY=value" and "#comment".
absl::StatusOr<EncryptedFile> LoadDotenv(absl::string_view text);
absl::StatusOr<std::string> EmitDotenv(const Document& document);

// Sections of keys, in the dialect and with the layout of Go's ini.v1.
absl::StatusOr<EncryptedFile> LoadIni(absl::string_view text);
absl::StatusOr<std::string> EmitIni(const Document& document);

// A scalar where it is neither quoted nor tagged (dotenv, INI).
std::string PlainText(const Node& node);

}  // namespace sluice::sops
