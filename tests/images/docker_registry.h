// Debian's docker-registry, the reference implementation, as a process of the test.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "common/http/transport.h"
#include "tests/e2e/process.h"

namespace sluice::images {

using e2e::Process;
using e2e::TempDir;

class DockerRegistry {
 public:
  static bool IsInstalled();
  // Without TLS, open to all. Fails the test if it does not start.
  DockerRegistry();

  std::string host() const;  // "127.0.0.1:<port>"
  // Pushes an image with one small layer.
  void Push(absl::string_view repository, absl::string_view tag);

 private:
  http::Response Send(const std::string& method, const std::string& url, std::string body,
                      absl::string_view type);
  std::string PushBlob(absl::string_view repository, absl::string_view bytes);

  TempDir dir_;
  int port_;
  std::unique_ptr<Process> process_;
  std::unique_ptr<http::Transport> transport_;
};

}  // namespace sluice::images
