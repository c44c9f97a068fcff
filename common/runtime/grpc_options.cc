// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/grpc_options.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace sluice::runtime {
namespace {

bool IsLoopback(absl::string_view address) {
  const absl::string_view host = address.substr(0, address.rfind(':'));
  const bool digits = host.find_first_not_of("0123456789.") == absl::string_view::npos;
  return (digits && absl::StartsWith(host, "127.")) || host == "localhost" || host == "[::1]" ||
         absl::StartsWith(address, "unix:");
}

}  // namespace

std::string GrpcOptions::ListenAddress() const {
  if (insecure || !certificate_file.empty() || IsLoopback(address)) return address;
  const size_t colon = address.rfind(':');
  return absl::StrCat("127.0.0.1", colon == std::string::npos ? ":0" : address.substr(colon));
}

void AddFlags(Command& command, GrpcOptions& options) {
  command.Text("--grpc-addr", options.address,
               "where the gRPC API is served; on the loopback interface only, unless there is a "
               "certificate or --grpc-insecure",
               "GRPC_ADDR");
  command.Text("--grpc-tls-cert-file", options.certificate_file,
               "certificate of the gRPC API, PEM; callers then need a token or client certificate");
  command.Text("--grpc-tls-key-file", options.key_file, "its private key, PEM");
  command.Text("--grpc-client-ca-file", options.client_ca_file,
               "authorities whose client certificates the gRPC API takes");
  command.Bool("--grpc-require-client-cert", options.require_client_certificate,
               "refuse gRPC connections without a client certificate");
  command.Bool("--grpc-insecure", options.insecure,
               "serve the gRPC API in plain text and to anybody, on any interface");
  command.Text("--grpc-ca-file", options.ca_file,
               "authorities of the controllers that this one calls; empty: in plain text");
  command.List("--sync-status-peers", options.status_peers,
               "gRPC addresses of controllers for whose objects this one answers too");
}

}  // namespace sluice::runtime
