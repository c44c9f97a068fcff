// SPDX-License-Identifier: Apache-2.0
#include "cli/offline/cluster_program.h"

#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <string>

namespace sluice::cli {

int BecomeClusterProgram(char** argv) {
  char self[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", self, sizeof(self));
  const std::string path(self, size > 0 ? static_cast<size_t>(size) : 0);
  const std::string program = path.substr(0, path.rfind('/') + 1) + "sluice-cluster";
  execv(program.c_str(), argv);
  std::fprintf(stderr, "sluice: %s: %s; it must stand beside this program\n", program.c_str(),
               std::strerror(errno));
  return 1;
}

}  // namespace sluice::cli
