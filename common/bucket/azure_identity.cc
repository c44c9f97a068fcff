// SPDX-License-Identifier: Apache-2.0
#include "common/bucket/azure_identity.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/bucket/cached.h"
#include "common/bucket/exchange.h"
#include "common/bucket/jwt.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"

namespace sluice::bucket {
namespace {

constexpr char kAssertionType[] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr absl::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr absl::string_view kEnd = "-----END CERTIFICATE-----";

// The certificates in `pem`, each as base64 of DER.
std::vector<std::string> CertificatesIn(absl::string_view pem) {
  std::vector<std::string> certificates;
  while (true) {
    const size_t begin = pem.find(kBegin);
    if (begin == absl::string_view::npos) return certificates;
    pem.remove_prefix(begin + kBegin.size());
    const size_t end = pem.find(kEnd);
    if (end == absl::string_view::npos) return certificates;
    certificates.push_back(
        absl::StrReplaceAll(pem.substr(0, end), {{"\n", ""}, {"\r", ""}, {" ", ""}}));
    pem.remove_prefix(end);
  }
}

// The header of assertions: which certificate has signed.
absl::StatusOr<Value> AssertionHeader(const AzureApplication& application) {
  const std::vector<std::string> certificates =
      CertificatesIn(application.client_certificate.Reveal());
  std::string der;
  if (certificates.empty() || !absl::Base64Unescape(certificates[0], &der)) {
    return absl::InvalidArgumentError(
        "the client certificate must be PEM: a certificate and its RSA key without password");
  }
  Value header = {
      {"x5t", absl::WebSafeBase64Escape(crypto::Digest(crypto::Algorithm::kSha1, der))}};
  if (application.send_chain) {
    Value chain = Value::EmptyArray();
    for (const std::string& certificate : certificates) chain.Append(certificate);
    header.Set("x5c", std::move(chain));
  }
  return header;
}

}  // namespace

absl::StatusOr<TokenSource> ApplicationTokens(AzureApplication application,
                                              http::Transport& transport, Clock& clock) {
  const std::string endpoint =
      absl::StrCat(absl::StripSuffix(application.authority, "/"), "/",
                   http::EscapePathSegment(application.tenant_id), "/oauth2/v2.0/token");
  Value header;
  if (!application.client_certificate.empty()) {
    ASSIGN_OR_RETURN(header, AssertionHeader(application));
    RETURN_IF_ERROR(SignJwt(application.client_certificate, header, Value::EmptyObject()).status());
  }
  return Cached<BearerToken>(
      [=, &transport, &clock](const Context& ctx) -> absl::StatusOr<BearerToken> {
        const absl::Time now = clock.Now();
        std::vector<std::pair<std::string, Secret>> form = {
            {"grant_type", Secret("client_credentials")},
            {"client_id", Secret(application.client_id)},
            {"scope", Secret(absl::StrCat(application.resource, ".default"))}};
        if (application.client_certificate.empty()) {
          form.emplace_back("client_secret", application.client_secret);
        } else {
          ASSIGN_OR_RETURN(Secret assertion,
                           SignJwt(application.client_certificate, header,
                                   {{"aud", endpoint},
                                    {"iss", application.client_id},
                                    {"sub", application.client_id},
                                    {"jti", crypto::RandomUuid()},
                                    {"nbf", absl::ToUnixSeconds(now)},
                                    {"exp", absl::ToUnixSeconds(now + absl::Minutes(10))}}));
          form.emplace_back("client_assertion_type", Secret(kAssertionType));
          form.emplace_back("client_assertion", std::move(assertion));
        }
        return RequestToken(ctx, transport, endpoint, form, now);
      },
      clock);
}

TokenSource ManagedIdentityTokens(std::string client_id, http::Transport& transport, Clock& clock,
                                  std::string metadata_url, std::string resource) {
  return Cached<BearerToken>(
      [=, &transport, &clock](const Context& ctx) -> absl::StatusOr<BearerToken> {
        http::Request request;
        request.url = absl::StrCat(metadata_url,
                                   "/metadata/identity/oauth2/token?api-version=2018-02-01"
                                   "&resource=",
                                   http::EscapeQuery(resource));
        if (!client_id.empty()) {
          absl::StrAppend(&request.url, "&client_id=", http::EscapeQuery(client_id));
        }
        request.headers.Add("Metadata", "true");
        ASSIGN_OR_RETURN(const http::Response response, Send(ctx, transport, request));
        return TokenOf(response, clock.Now());
      },
      clock);
}

}  // namespace sluice::bucket
