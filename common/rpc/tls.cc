// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/tls.h"

#include <grpcpp/security/tls_certificate_provider.h>

#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace sluice::rpc {
namespace {

constexpr std::streamsize kMaxFile = 1 << 20;

absl::Status CheckPem(const std::string& name, absl::string_view what) {
  std::ifstream file(name, std::ios::binary);
  std::string text(kMaxFile, '\0');
  file.read(text.data(), kMaxFile);
  text.resize(static_cast<size_t>(file.gcount()));
  if (!absl::StrContains(text, "-----BEGIN ")) {
    return absl::InvalidArgumentError(
        absl::StrCat("gRPC ", what, " file \"", name, "\" cannot be read or is not PEM"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckTlsFiles(const TlsFiles& files) {
  if (files.certificate.empty() != files.private_key.empty()) {
    return absl::InvalidArgumentError("a gRPC certificate file needs its key file, and the key it");
  }
  if (!files.certificate.empty()) {
    RETURN_IF_ERROR(CheckPem(files.certificate, "certificate"));
    RETURN_IF_ERROR(CheckPem(files.private_key, "key"));
  }
  if (!files.authorities.empty()) RETURN_IF_ERROR(CheckPem(files.authorities, "CA"));
  return absl::OkStatus();
}

std::shared_ptr<grpc::experimental::CertificateProviderInterface> WatchTlsFiles(
    const TlsFiles& files) {
  return std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      files.private_key, files.certificate, files.authorities,
      static_cast<unsigned int>(files.refresh_seconds));
}

}  // namespace sluice::rpc
