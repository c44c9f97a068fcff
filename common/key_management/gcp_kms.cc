// SPDX-License-Identifier: Apache-2.0
#include "common/key_management/gcp_kms.h"

#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"

namespace sluice::key_management {
namespace {

// Project ids of organisations have a ":" in them.
bool IsSegment(absl::string_view text) {
  return !text.empty() && text != "." && text != ".." && absl::c_all_of(text, [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' ||
           c == ':';
  });
}

absl::StatusOr<Secret> Decrypt(const Context& ctx, http::Transport& transport,
                               const Endpoints& endpoints, const Secret& token,
                               absl::string_view resource_id, absl::string_view ciphertext) {
  http::Request request;
  request.method = "POST";
  request.url = absl::StrCat(
      endpoints.gcp_kms.empty() ? "https://cloudkms.googleapis.com" : endpoints.gcp_kms, "/v1/",
      resource_id, ":decrypt");
  request.headers.Set("Content-Type", "application/json");
  request.headers.Set("Authorization", absl::StrCat("Bearer ", token.Reveal()));
  request.body = value::FormatJson({{"ciphertext", ciphertext}});
  ASSIGN_OR_RETURN(const Value answer, Call(ctx, transport, request));
  ASSIGN_OR_RETURN(std::string plain, Base64Of(answer["plaintext"].str()));
  return Secret(std::move(plain));
}

}  // namespace

absl::Status CheckGcpKmsKey(absl::string_view resource_id) {
  const std::vector<absl::string_view> parts = absl::StrSplit(resource_id, '/');
  if (parts.size() == 8 && parts[0] == "projects" && parts[2] == "locations" &&
      parts[4] == "keyRings" && parts[6] == "cryptoKeys" && IsSegment(parts[1]) &&
      IsSegment(parts[3]) && IsSegment(parts[5]) && IsSegment(parts[7])) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no valid resource ID found in \"", resource_id, "\""));
}

absl::StatusOr<Secret> DecryptWithGcpKms(const Context& ctx, http::Transport& transport,
                                         const Endpoints& endpoints, const Secret& token,
                                         absl::string_view resource_id,
                                         absl::string_view ciphertext) {
  std::string bytes;
  if (!absl::Base64Unescape(ciphertext, &bytes)) {
    return absl::InvalidArgumentError("the encrypted data key is no base64");
  }
  if (const absl::Status valid = CheckGcpKmsKey(resource_id); !valid.ok()) {
    return Annotate(valid, "cannot create GCP KMS service");
  }
  auto plain = Decrypt(ctx, transport, endpoints, token, resource_id, absl::Base64Escape(bytes));
  if (!plain.ok()) {
    return Annotate(plain.status(), "failed to decrypt sops data key with GCP KMS key");
  }
  return plain;
}

}  // namespace sluice::key_management
