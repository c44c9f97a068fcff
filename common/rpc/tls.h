// The certificate files of one end of a gRPC connection. They are looked at again while they are
// used, so a rotated certificate serves the next connection without a restart.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"

namespace grpc::experimental {
class CertificateProviderInterface;
}  // namespace grpc::experimental

namespace sluice::rpc {

// Names of PEM files. To change certificate and key together, rename their folder or change a link
// to it, as Kubernetes does with a Secret's volume.
struct TlsFiles {
  std::string certificate;  // what this end shows; with `private_key` or not at all
  std::string private_key;
  std::string authorities;   // what the other end's certificate is verified against
  int refresh_seconds = 10;  // how often the files are looked at

  bool empty() const { return certificate.empty() && private_key.empty() && authorities.empty(); }
};

// OK if the files are there and belong together; otherwise kInvalidArgument, naming the file.
absl::Status CheckTlsFiles(const TlsFiles& files);

std::shared_ptr<grpc::experimental::CertificateProviderInterface> WatchTlsFiles(
    const TlsFiles& files);

}  // namespace sluice::rpc
