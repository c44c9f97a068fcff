// SPDX-License-Identifier: Apache-2.0
#include "tests/images/ssh_server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/http/socket.h"

namespace sluice::images {

using e2e::Eventually;
using e2e::ReservePort;
using e2e::Run;
using e2e::WriteFile;

bool SshServer::IsInstalled() { return std::filesystem::exists("/usr/sbin/sshd"); }

SshServer::SshServer() : port_(ReservePort()) {
  mkdir("/run/sshd", 0755);  // where it separates privileges; fails where sshd needs it not
  for (const char* name : {"host", "client"}) {
    REQUIRE(
        Run({"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", dir_ / name})
            .ok());
  }
  WriteFile(dir_ / "sshd_config",
            absl::StrCat("ListenAddress 127.0.0.1\nPort ", port_, "\nHostKey ", dir_ / "host",
                         "\nAuthorizedKeysFile ", dir_ / "client.pub",
                         "\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n"
                         "PasswordAuthentication no\nPidFile none\n"));
  process_ =
      Process::Start({"/usr/sbin/sshd", "-D", "-f", dir_ / "sshd_config"}, dir_ / "log").value();
  REQUIRE(Eventually(absl::Seconds(30), [this] {
    return http::Dial(Context::Background(), "127.0.0.1", port_, absl::Seconds(1)).ok();
  }));
}

std::string SshServer::Url(const std::string& path) const {
  const char* user = std::getenv("USER");
  const char* const login = geteuid() == 0 ? "root" : user != nullptr ? user : "nobody";
  return absl::StrCat("ssh://", login, "@127.0.0.1:", port_, path);
}

std::string SshServer::known_hosts() const {
  return absl::StrCat("[127.0.0.1]:", port_, " ", ReadFile(dir_ / "host.pub"));
}

}  // namespace sluice::images
