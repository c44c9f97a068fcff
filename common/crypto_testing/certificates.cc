// SPDX-License-Identifier: Apache-2.0
#include "common/crypto_testing/certificates.h"

namespace sluice::crypto_testing {

Certificates IssueCertificates(const CertificateOptions& options) {
  const absl::Time begin = absl::Now() - absl::Hours(2);
  const absl::Time end = absl::Now() + absl::Hours(1);
  Certificates all;
  all.authority = crypto::CreateAuthority("test", begin, end).value();

  crypto::CertificateRequest server;
  server.common_name = "server";
  server.dns_names = options.server_names;
  server.ip_addresses = {"127.0.0.1"};
  server.server = true;
  server.not_before = begin;
  server.not_after = options.server_end;
  all.server = crypto::IssueCertificate(all.authority, server).value();

  crypto::CertificateRequest client;
  client.common_name = options.user;
  client.organizations = options.groups;
  client.client = true;
  client.not_before = begin;
  client.not_after = end;
  all.client = crypto::IssueCertificate(all.authority, client).value();
  return all;
}

}  // namespace sluice::crypto_testing
