// The flags of the gRPC endpoint that every controller has, and of its calls to other controllers.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/flags/command.h"

namespace sluice::runtime {

// With a certificate: TLS, and every caller is authenticated and authorized. Without one: plain
// text that anybody may use, on the loopback interface only, unless `insecure` says that any
// interface will do.
struct GrpcOptions {
  std::string address = ":9393";
  std::string certificate_file;
  std::string key_file;
  std::string client_ca_file;  // client certificates are taken that this has signed
  bool require_client_certificate = false;
  bool insecure = false;
  // Verifies the controllers that are called; empty: they are called in plain text.
  std::string ca_file;
  // gRPC addresses of controllers for whose kinds this one answers too.
  std::vector<std::string> status_peers;

  // Where to listen: `address`, but on the loopback interface where plain text is not asked for.
  std::string ListenAddress() const;
};

void AddFlags(Command& command, GrpcOptions& options);

}  // namespace sluice::runtime
