// git-server: serves the Git repositories below a directory over HTTP, read-only unless told, so
// that the quickstart needs no Git hosting.
//
//   git-server --listen 127.0.0.1:8080 --root ./repositories --write-url url.txt

// SPDX-License-Identifier: Apache-2.0

#include <csignal>
#include <fstream>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/flags/command.h"
#include "common/git/smart_http.h"
#include "common/http/server.h"

int main(int argc, char** argv) {
  std::string listen = "127.0.0.1:0";
  std::string root;
  std::string url_file;
  bool allow_push = false;
  sluice::Command command("git-server", "Serves the Git repositories below a directory over HTTP.");
  command.Text("--listen", listen, "host:port to listen on; port 0 picks a free one");
  command.Text("--root", root, "directory with bare or non-bare repositories, at any depth");
  command.Bool("--allow-push", allow_push, "take pushes, from anyone who can connect");
  command.Text("--write-url", url_file, "file to write the base URL to once it is served");
  if (const std::optional<int> code = command.Parse(argc, argv)) return *code;
  if (root.empty()) {
    std::cerr << "git-server: --root is needed: the directory with the repositories\n";
    return 2;
  }

  // Blocked before any thread starts, so that only the sigwait below sees them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  auto server = sluice::http::Server::Start(
      {.address = listen},
      sluice::git::CreateSmartHttpHandler({.root = root, .allow_push = allow_push}));
  if (!server.ok()) {
    std::cerr << "git-server: " << server.status().message() << "\n";
    return 1;
  }
  const std::string host = listen.substr(0, listen.rfind(':'));
  const std::string url =
      absl::StrCat("http://", host.empty() ? "127.0.0.1" : host, ":", (*server)->port());
  std::cout << url << std::endl;
  if (!url_file.empty()) {
    std::ofstream file(url_file);
    file << url << "\n";
    file.close();
    if (!file) {
      std::cerr << "git-server: cannot write " << url_file << "\n";
      return 1;
    }
  }
  int received = 0;
  sigwait(&signals, &received);
  return 0;
}
