// Flags that several kinds of sources have.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/create/creation.h"

namespace sluice::cli {

struct SourceOptions : CreateOptions {
  std::string url;
  std::string secret_ref;
  std::string proxy_secret_ref;
  std::vector<std::string> ignore_paths;
  absl::Duration fetch_timeout;
};
// --secret-ref and --fetch-timeout.
void AddSourceFlags(Command& command, SourceOptions& options);
// --ignore-paths and --proxy-secret-ref, of what is fetched as files.
void AddFilesFlags(Command& command, SourceOptions& options);
// The fields of all of these, and the interval.
void SetSourceFields(const SourceOptions& options, Value& spec);

// spec.verify of what comes from a registry.
struct VerifyOptions {
  std::string provider;
  std::string secret_ref;
  std::string issuer;
  std::string subject;
};
void AddVerifyFlags(Command& command, VerifyOptions& options);
absl::Status SetVerifyFields(const VerifyOptions& options, Value& spec);

// "https" of "https://example.org"; "" if there is none.
std::string SchemeOf(absl::string_view url);

}  // namespace sluice::cli
