// OpenSSH's sshd as a process of the test, with one client key. Git's own programs serve behind it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "tests/e2e/process.h"

namespace sluice::images {

using e2e::Process;
using e2e::ReadFile;
using e2e::TempDir;

class SshServer {
 public:
  static bool IsInstalled();
  // Fails the test if it does not start.
  SshServer();

  // Of a repository on this machine, by its path.
  std::string Url(const std::string& path) const;
  std::string client_key() const { return ReadFile(dir_ / "client"); }
  std::string known_hosts() const;

 private:
  TempDir dir_;
  int port_;
  std::unique_ptr<Process> process_;
};

}  // namespace sluice::images
