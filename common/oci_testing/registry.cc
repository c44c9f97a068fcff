// SPDX-License-Identifier: Apache-2.0
#include "common/oci_testing/registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/crypto/digest.h"
#include "common/value/json.h"

namespace sluice::oci_testing {
namespace {

constexpr absl::string_view kManifest = "application/vnd.oci.image.manifest.v1+json";
constexpr absl::string_view kIndex = "application/vnd.oci.image.index.v1+json";
constexpr absl::string_view kConfig = "application/vnd.cncf.flux.config.v1+json";

http::ServerResponse Error(int status, absl::string_view code, absl::string_view message,
                           const Value& detail = {}) {
  Value error({{"code", code}, {"message", message}});
  if (!detail.is_null()) error.Set("detail", detail);
  http::ServerResponse response;
  response.status = status;
  response.headers.Set("Content-Type", "application/json");
  response.body = value::FormatJson(Value({{"errors", Value(Value::Array{error})}}));
  return response;
}

std::string DigestOf(absl::string_view bytes) {
  return absl::StrCat("sha256:", crypto::Sha256Hex(bytes));
}

// The values of `name` in a query or form.
std::vector<std::string> Fields(absl::string_view form, absl::string_view name) {
  std::vector<std::string> values;
  for (absl::string_view field : absl::StrSplit(form, '&')) {
    if (absl::ConsumePrefix(&field, absl::StrCat(name, "="))) {
      values.push_back(http::Unescape(field, /*plus_is_blank=*/true));
    }
  }
  return values;
}

}  // namespace

Registry::Registry(RegistryOptions options) : options_(std::move(options)) {
  http::ServerOptions server;
  server.address = "127.0.0.1:0";
  server.certificate_pem = options_.certificate_pem;
  server.private_key_pem = options_.private_key_pem;
  server.client_ca_pem = options_.client_ca_pem;
  server_ = http::Server::Start(std::move(server), [this](const Context&,
                                                          const http::ServerRequest& request) {
              return Handle(request);
            }).value();
}

std::string Registry::host() const { return absl::StrCat("127.0.0.1:", port()); }

std::string Registry::url() const {
  return absl::StrCat(options_.certificate_pem.empty() ? "http" : "https", "://", host());
}

std::string Registry::AddBlob(absl::string_view repository, absl::string_view bytes) {
  const std::string digest = DigestOf(bytes);
  absl::MutexLock lock(&mutex_);
  holdings_[std::string(repository)].blobs[digest] = std::string(bytes);
  return digest;
}

std::string Registry::AddManifest(absl::string_view repository, absl::string_view tag,
                                  absl::string_view media_type, absl::string_view bytes) {
  const std::string digest = DigestOf(bytes);
  absl::MutexLock lock(&mutex_);
  Holding& holding = holdings_[std::string(repository)];
  holding.manifests[digest] = {std::string(media_type), std::string(bytes)};
  if (!tag.empty()) holding.tags[std::string(tag)] = digest;
  return digest;
}

std::string Registry::AddArtifact(absl::string_view repository, absl::string_view tag,
                                  absl::string_view layer_type, absl::string_view layer) {
  const auto descriptor = [&](absl::string_view type, absl::string_view bytes) {
    return Value({{"mediaType", type},
                  {"digest", AddBlob(repository, bytes)},
                  {"size", static_cast<int64_t>(bytes.size())}});
  };
  const Value manifest({{"schemaVersion", 2},
                        {"mediaType", kManifest},
                        {"config", descriptor(kConfig, "{}")},
                        {"layers", Value(Value::Array{descriptor(layer_type, layer)})},
                        {"annotations", Value({{"org.opencontainers.image.revision", tag}})}});
  return AddManifest(repository, tag, kManifest, value::FormatJson(manifest));
}

void Registry::SetReferrers(absl::string_view repository, absl::string_view digest,
                            absl::string_view index) {
  absl::MutexLock lock(&mutex_);
  holdings_[std::string(repository)].referrers[std::string(digest)] = std::string(index);
}

std::vector<Seen> Registry::requests() const {
  absl::MutexLock lock(&mutex_);
  return requests_;
}

int Registry::CountOf(absl::string_view part) const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(std::count_if(requests_.begin(), requests_.end(), [&](const Seen& seen) {
    return absl::StrContains(seen.path, part);
  }));
}

void Registry::RevokeTokens() {
  absl::MutexLock lock(&mutex_);
  tokens_.clear();
}

void Registry::SetFault(Fault fault) {
  absl::MutexLock lock(&mutex_);
  fault_ = std::move(fault);
}

http::ServerResponse Registry::Handle(const http::ServerRequest& request) {
  Fault fault;
  {
    absl::MutexLock lock(&mutex_);
    requests_.push_back({request.method, request.path, request.query,
                         std::string(request.headers.Get("Authorization")),
                         std::string(request.headers.Get("Range")), request.body});
    fault = fault_;
  }
  http::ServerResponse response = Answer(request);
  if (fault) fault(request, response);
  return response;
}

// A blob in two steps, POST and PUT (OCI distribution 1.1, "Pushing blobs"), or a manifest.
http::ServerResponse Registry::Store(const std::string& repository, absl::string_view kind,
                                     const std::string& rest, const http::ServerRequest& request) {
  http::ServerResponse response;
  if (kind == "/blobs/" && request.method == "POST") {
    response.status = 202;
    response.headers.Set("Location", absl::StrCat("/v2/", repository, "/blobs/uploads/1?state=a"));
    return response;
  }
  response.status = 201;
  if (kind == "/manifests/") {
    AddManifest(repository, rest, request.headers.Get("Content-Type"), request.body);
    return response;
  }
  const std::vector<std::string> digest = Fields(request.query, "digest");
  if (digest.size() != 1 || AddBlob(repository, request.body) != digest[0]) {
    return Error(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
  }
  return response;
}

bool Registry::Admitted(const http::ServerRequest& request, absl::string_view scope) const {
  absl::string_view value = request.headers.Get("Authorization");
  if (options_.access == RegistryOptions::Access::kOpen) return true;
  if (options_.access == RegistryOptions::Access::kBasic) {
    const std::string pair = absl::StrCat(options_.username, ":", options_.password);
    return value == absl::StrCat("Basic ", absl::Base64Escape(pair));
  }
  absl::MutexLock lock(&mutex_);
  return absl::ConsumePrefix(&value, "Bearer ") &&
         tokens_.contains(absl::StrCat(value, " ", scope));
}

http::ServerResponse Registry::Challenge(absl::string_view scope) const {
  http::ServerResponse response = Error(401, "UNAUTHORIZED", "authentication required");
  std::string challenge = "Basic realm=\"test\"";
  if (options_.access == RegistryOptions::Access::kBearer) {
    challenge =
        absl::StrCat("Bearer realm=\"", options_.realm.empty() ? url() + "/token" : options_.realm,
                     "\",service=\"registry.test\"");
    if (!scope.empty()) absl::StrAppend(&challenge, ",scope=\"", scope, "\"");
  }
  response.headers.Set("WWW-Authenticate", challenge);
  return response;
}

http::ServerResponse Registry::AnswerToken(const http::ServerRequest& request) {
  std::vector<std::string> scopes = Fields(request.query, "scope");
  if (request.method == "POST") {
    if (options_.identity_token.empty()) return Error(404, "NOT_FOUND", "no such method");
    const std::vector<std::string> given = Fields(request.body, "refresh_token");
    if (given.size() != 1 || given[0] != options_.identity_token) {
      return Error(401, "UNAUTHORIZED", "unknown refresh token");
    }
    scopes.clear();
    for (const std::string& scope : Fields(request.body, "scope")) {
      for (const absl::string_view one : absl::StrSplit(scope, ' ')) scopes.emplace_back(one);
    }
  } else if (!options_.username.empty()) {
    const std::string pair = absl::StrCat(options_.username, ":", options_.password);
    if (request.headers.Get("Authorization") != absl::StrCat("Basic ", absl::Base64Escape(pair))) {
      return Error(401, "UNAUTHORIZED", "unknown user");
    }
  }
  absl::MutexLock lock(&mutex_);
  const std::string token = absl::StrCat("token-", port(), "-", requests_.size());
  for (const std::string& scope : scopes) tokens_.insert(absl::StrCat(token, " ", scope));
  http::ServerResponse response;
  response.headers.Set("Content-Type", "application/json");
  response.body = value::FormatJson(Value({{"token", token}, {"expires_in", 300}}));
  return response;
}

http::ServerResponse Registry::AnswerTags(const Holding& holding, const std::string& repository,
                                          const http::ServerRequest& request) const {
  const std::vector<std::string> last = Fields(request.query, "last");
  auto tag = last.empty() ? holding.tags.begin() : holding.tags.upper_bound(last[0]);
  Value::Array tags;
  for (; tag != holding.tags.end(); ++tag) {
    if (options_.page_size > 0 && tags.size() == options_.page_size) break;
    tags.emplace_back(tag->first);
  }
  http::ServerResponse response;
  response.headers.Set("Content-Type", "application/json");
  if (tag != holding.tags.end()) {
    response.headers.Set(
        "Link", absl::StrCat("</v2/", repository, "/tags/list?n=", options_.page_size,
                             "&last=", http::EscapeQuery(tags.back().str()), ">; rel=\"next\""));
  }
  const Value list = tags.empty() ? Value() : Value(std::move(tags));
  response.body = value::FormatJson(Value({{"name", repository}, {"tags", list}}));
  return response;
}

http::ServerResponse Registry::AnswerManifest(const Holding& holding,
                                              const std::string& reference) const {
  const auto tag = holding.tags.find(reference);
  const std::string& digest = tag == holding.tags.end() ? reference : tag->second;
  const auto found = holding.manifests.find(digest);
  if (found == holding.manifests.end()) {
    return Error(404, "MANIFEST_UNKNOWN", "manifest unknown", Value({{"Tag", reference}}));
  }
  http::ServerResponse response;
  response.headers = {{"Content-Type", found->second.media_type},
                      {"Docker-Content-Digest", digest}};
  response.body = found->second.bytes;
  return response;
}

http::ServerResponse Registry::AnswerBlob(const Holding& holding, const std::string& digest,
                                          const http::ServerRequest& request) const {
  const auto found = holding.blobs.find(digest);
  if (found == holding.blobs.end()) {
    return Error(404, "BLOB_UNKNOWN", "blob unknown to registry", Value({{"digest", digest}}));
  }
  http::ServerResponse response;
  response.headers.Set("Content-Type", "application/octet-stream");
  response.body = found->second;
  absl::string_view range = request.headers.Get("Range");
  size_t from = 0;
  if (absl::ConsumePrefix(&range, "bytes=") && absl::ConsumeSuffix(&range, "-") &&
      absl::SimpleAtoi(range, &from) && from < response.body.size()) {
    response.status = 206;
    response.headers.Set(
        "Content-Range",
        absl::StrCat("bytes ", from, "-", response.body.size() - 1, "/", response.body.size()));
    response.body.erase(0, from);
  }
  return response;
}

http::ServerResponse Registry::Answer(const http::ServerRequest& request) {
  if (request.path == "/token") return AnswerToken(request);
  absl::string_view path = request.path;
  if (!absl::ConsumePrefix(&path, "/v2/")) return Error(404, "UNSUPPORTED", "no such path");
  if (path.empty()) {
    return options_.access == RegistryOptions::Access::kOpen ||
                   (options_.access == RegistryOptions::Access::kBasic && Admitted(request, ""))
               ? http::ServerResponse()
               : Challenge("");
  }
  for (const absl::string_view kind : {"/tags/", "/manifests/", "/blobs/", "/referrers/"}) {
    const size_t at = path.rfind(kind);
    if (at == absl::string_view::npos) continue;
    const std::string repository(path.substr(0, at));
    const std::string rest(path.substr(at + kind.size()));
    const bool writes = request.method == "POST" || request.method == "PUT";
    const std::string scope =
        absl::StrCat("repository:", repository, writes ? ":pull,push" : ":pull");
    if (!Admitted(request, scope)) return Challenge(scope);
    if (writes) return Store(repository, kind, rest, request);
    absl::MutexLock lock(&mutex_);
    const auto found = holdings_.find(repository);
    if (found == holdings_.end()) {
      return Error(404, "NAME_UNKNOWN", "repository name not known to registry",
                   Value({{"name", repository}}));
    }
    const Holding& holding = found->second;
    if (kind == "/tags/") return AnswerTags(holding, repository, request);
    if (kind == "/manifests/") return AnswerManifest(holding, rest);
    if (kind == "/blobs/") return AnswerBlob(holding, rest, request);
    if (!options_.referrers_api) break;
    const auto index = holding.referrers.find(rest);
    http::ServerResponse response;
    response.headers.Set("Content-Type", kIndex);
    response.body =
        index == holding.referrers.end() ? R"({"schemaVersion":2,"manifests":[]})" : index->second;
    return response;
  }
  return Error(404, "UNSUPPORTED", "no such path");
}

}  // namespace sluice::oci_testing
