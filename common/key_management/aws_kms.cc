// SPDX-License-Identifier: Apache-2.0
#include "common/key_management/aws_kms.h"

#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/bucket/exchange.h"
#include "common/bucket/xml.h"
#include "common/value/json.h"

namespace sluice::key_management {
namespace {

constexpr char kError[] = "failed to decrypt sops data key with AWS KMS";

bool IsName(absl::string_view text) {
  return !text.empty() && absl::c_all_of(text, [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-';
  });
}

std::string EndpointOf(absl::string_view service, const std::string& region) {
  return absl::StrCat("https://", service, ".", region, ".amazonaws.com",
                      absl::StartsWith(region, "cn-") ? ".cn" : "");
}

absl::StatusOr<bucket::AwsCredentials> AssumeRole(const Context& ctx, http::Transport& transport,
                                                  Clock& clock, const Endpoints& endpoints,
                                                  const bucket::AwsCredentials& credentials,
                                                  const std::string& role,
                                                  const std::string& region) {
  http::Request request;
  request.method = "POST";
  request.url =
      absl::StrCat(endpoints.aws_sts.empty() ? EndpointOf("sts", region) : endpoints.aws_sts, "/");
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
  request.body =
      absl::StrCat("Action=AssumeRole&Version=2011-06-15&RoleArn=", http::EscapeQuery(role),
                   "&RoleSessionName=sops");
  RETURN_IF_ERROR(bucket::Sign(credentials, {region, "sts"}, clock.Now(), request));
  ASSIGN_OR_RETURN(const http::Response response, bucket::Send(ctx, transport, request));
  if (response.status != 200) {
    return Annotate(bucket::Refusal(response), absl::StrCat("failed to assume role '", role, "'"));
  }
  const auto xml = bucket::ParseXml(response.body);
  const bucket::XmlElement* result = xml.ok() ? xml->Find("AssumeRoleResult") : nullptr;
  const bucket::XmlElement* found = result != nullptr ? result->Find("Credentials") : nullptr;
  if (found == nullptr) {
    return absl::UnavailableError(
        absl::StrCat("failed to assume role '", role, "': the answer holds no credentials"));
  }
  bucket::AwsCredentials assumed;
  assumed.access_key = std::string(found->Text("AccessKeyId"));
  assumed.secret_key = Secret(std::string(found->Text("SecretAccessKey")));
  assumed.session_token = Secret(std::string(found->Text("SessionToken")));
  return assumed;
}

absl::StatusOr<Secret> Decrypt(const Context& ctx, http::Transport& transport, Clock& clock,
                               const Endpoints& endpoints,
                               const bucket::AwsCredentials& credentials, const AwsKmsKey& key,
                               const std::string& region, absl::string_view ciphertext) {
  Value body = {{"CiphertextBlob", ciphertext}, {"KeyId", key.arn}};
  for (const auto& [name, text] : key.context) body.Ensure("EncryptionContext").Set(name, text);
  http::Request request;
  request.method = "POST";
  request.url =
      absl::StrCat(endpoints.aws_kms.empty() ? EndpointOf("kms", region) : endpoints.aws_kms, "/");
  request.headers.Set("Content-Type", "application/x-amz-json-1.1");
  request.headers.Set("X-Amz-Target", "TrentService.Decrypt");
  request.body = value::FormatJson(body);
  bucket::AwsCredentials signing = credentials;
  if (!key.role.empty()) {
    ASSIGN_OR_RETURN(signing,
                     AssumeRole(ctx, transport, clock, endpoints, credentials, key.role, region));
  }
  RETURN_IF_ERROR(bucket::Sign(signing, {region, "kms"}, clock.Now(), request));
  ASSIGN_OR_RETURN(const Value answer, Call(ctx, transport, request));
  ASSIGN_OR_RETURN(std::string plain, Base64Of(answer["Plaintext"].str()));
  return Secret(std::move(plain));
}

}  // namespace

absl::StatusOr<std::string> AwsKmsRegion(absl::string_view arn) {
  // arn:PARTITION:kms:REGION:ACCOUNT:key/ID
  const std::vector<absl::string_view> parts = absl::StrSplit(arn, absl::MaxSplits(':', 5));
  const bool valid = parts.size() == 6 && parts[0] == "arn" && absl::StartsWith(parts[1], "aws") &&
                     IsName(parts[1]) && parts[2] == "kms" && IsName(parts[3]) &&
                     !parts[4].empty() &&
                     absl::c_all_of(parts[4], [](char c) { return c >= '0' && c <= '9'; }) &&
                     ((absl::StartsWith(parts[5], "key/") && parts[5].size() > 4) ||
                      (absl::StartsWith(parts[5], "alias/") && parts[5].size() > 6));
  if (!valid) return absl::InvalidArgumentError(absl::StrCat("no valid ARN found in '", arn, "'"));
  return std::string(parts[3]);
}

absl::StatusOr<Secret> DecryptWithAwsKms(const Context& ctx, http::Transport& transport,
                                         Clock& clock, const Endpoints& endpoints,
                                         const bucket::AwsCredentials& credentials,
                                         const AwsKmsKey& key, absl::string_view ciphertext) {
  std::string bytes;
  if (!absl::Base64Unescape(ciphertext, &bytes)) {
    return absl::InvalidArgumentError(
        "error base64-decoding encrypted data key: illegal base64 data");
  }
  ASSIGN_OR_RETURN(const std::string region, AwsKmsRegion(key.arn));
  auto plain = Decrypt(ctx, transport, clock, endpoints, credentials, key, region,
                       absl::Base64Escape(bytes));
  if (!plain.ok()) return Annotate(plain.status(), kError);
  return plain;
}

}  // namespace sluice::key_management
