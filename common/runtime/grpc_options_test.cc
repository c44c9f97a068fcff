// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/grpc_options.h"

#include <catch2/catch.hpp>

namespace sluice::runtime {
namespace {

TEST_CASE("plain text stays on the loopback interface unless asked for", "[runtime]") {
  struct Row {
    const char* address;
    const char* certificate;
    bool insecure;
    const char* listens;
  };
  for (const Row& row : {
           Row{":9393", "", false, "127.0.0.1:9393"},
           Row{"0.0.0.0:9393", "", false, "127.0.0.1:9393"},
           Row{"[::]:9393", "", false, "127.0.0.1:9393"},
           Row{"10.0.0.1:9393", "", false, "127.0.0.1:9393"},
           Row{"127.0.0.1:0", "", false, "127.0.0.1:0"},
           Row{"[::1]:9393", "", false, "[::1]:9393"},
           Row{"localhost:9393", "", false, "localhost:9393"},
           Row{":9393", "", true, ":9393"},
           Row{":9393", "tls.crt", false, ":9393"},
           Row{"127.example.com:9393", "", false, "127.0.0.1:9393"},
       }) {
    CAPTURE(row.address, row.certificate, row.insecure);
    GrpcOptions options;
    options.address = row.address;
    options.certificate_file = row.certificate;
    options.insecure = row.insecure;
    CHECK(options.ListenAddress() == row.listens);
  }
}

}  // namespace
}  // namespace sluice::runtime
