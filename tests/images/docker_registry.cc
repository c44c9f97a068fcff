// SPDX-License-Identifier: Apache-2.0
#include "tests/images/docker_registry.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/http/client.h"
#include "common/value/json.h"

namespace sluice::images {

using e2e::Eventually;
using e2e::ReservePort;
using e2e::WriteFile;
namespace {

constexpr char kProgram[] = "/usr/bin/docker-registry";
constexpr char kManifest[] = "application/vnd.oci.image.manifest.v1+json";

std::string DigestOf(absl::string_view bytes) {
  return absl::StrCat("sha256:", crypto::Sha256Hex(bytes));
}

}  // namespace

bool DockerRegistry::IsInstalled() { return std::filesystem::exists(kProgram); }

DockerRegistry::DockerRegistry() : port_(ReservePort()) {
  WriteFile(dir_ / "config.yml",
            absl::StrCat("version: 0.1\nlog: {level: error}\nstorage:\n  filesystem: "
                         "{rootdirectory: ",
                         dir_ / "data", "}\nhttp: {addr: '", host(), "'}\n"));
  process_ = Process::Start({kProgram, "serve", dir_ / "config.yml"}, dir_ / "log").value();
  transport_ = http::CreateClient({}).value();
  REQUIRE(
      Eventually(absl::Seconds(30), [this] { return Send("GET", "/v2/", "", "").status == 200; }));
}

std::string DockerRegistry::host() const { return absl::StrCat("127.0.0.1:", port_); }

http::Response DockerRegistry::Send(const std::string& method, const std::string& url,
                                    std::string body, absl::string_view type) {
  http::Request request;
  request.method = method;
  request.url = absl::StartsWith(url, "/") ? absl::StrCat("http://", host(), url) : url;
  request.body = std::move(body);
  if (!type.empty()) request.headers.Set("Content-Type", type);
  auto response = transport_->Send(Context::Background().WithTimeout(absl::Seconds(10)), request);
  return response.ok() ? *std::move(response) : http::Response();
}

std::string DockerRegistry::PushBlob(absl::string_view repository, absl::string_view bytes) {
  const std::string digest = DigestOf(bytes);
  const http::Response begun =
      Send("POST", absl::StrCat("/v2/", repository, "/blobs/uploads/"), "", "");
  const std::string location(begun.headers.Get("Location"));
  CAPTURE(begun.status, begun.body);
  REQUIRE(begun.status == 202);
  const http::Response done =
      Send("PUT",
           absl::StrCat(location, location.find('?') == std::string::npos ? "?" : "&",
                        "digest=", digest),
           std::string(bytes), "application/octet-stream");
  CAPTURE(done.status, done.body);
  REQUIRE(done.status == 201);
  return digest;
}

void DockerRegistry::Push(absl::string_view repository, absl::string_view tag) {
  const auto descriptor = [&](absl::string_view type, absl::string_view bytes) {
    return Value({{"mediaType", type},
                  {"digest", PushBlob(repository, bytes)},
                  {"size", static_cast<int64_t>(bytes.size())}});
  };
  const Value manifest = {
      {"schemaVersion", 2},
      {"mediaType", kManifest},
      {"config", descriptor("application/vnd.oci.image.config.v1+json", "{}")},
      {"layers", Value(Value::Array{descriptor("application/vnd.oci.image.layer.v1.tar", tag)})}};
  const http::Response done = Send("PUT", absl::StrCat("/v2/", repository, "/manifests/", tag),
                                   value::FormatJson(manifest), kManifest);
  CAPTURE(done.status, done.body);
  REQUIRE(done.status == 201);
}

}  // namespace sluice::images
