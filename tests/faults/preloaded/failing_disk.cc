// Loaded into a program before libc (LD_PRELOAD): fails calls to the file system on order.
//
// The file that SLUICE_FAILING_DISK names is read at every call. While it is there its first line
// is a directory, and each further one an order "CALL ERRNO": write, close or rename fail so for
// files that are below the directory. A close only fails for files that were open for writing.

// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

std::string Orders() {
  const char* path = std::getenv("SLUICE_FAILING_DISK");
  const int fd = path != nullptr ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) return "";
  char text[PATH_MAX + 256];
  const ssize_t size = read(fd, text, sizeof(text));
  static auto* const next = Next<int(int)>("close");
  next(fd);
  return {text, size > 0 ? static_cast<size_t>(size) : 0};
}

// The errno that `call` is to fail with for what `fd` is open on; 0: none.
int Ordered(const char* call, int fd) {
  const int before = errno;
  int error = 0;
  const std::string orders = Orders();
  const std::string wanted = std::string("\n") + call + " ";
  if (const size_t at = orders.find(wanted); at != std::string::npos) {
    char path[PATH_MAX];
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t size = readlink(link.c_str(), path, sizeof(path));
    const std::string below = orders.substr(0, orders.find('\n'));
    if (size > 0 && std::string(path, static_cast<size_t>(size)).rfind(below, 0) == 0) {
      error = std::atoi(orders.c_str() + at + wanted.size());
    }
  }
  errno = before;
  return error;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t size) {
  static auto* const next = Next<ssize_t(int, const void*, size_t)>("write");
  if (const int error = Ordered("write", fd); error != 0) {
    if (size > 1) return next(fd, bytes, size / 2);  // first what there is room for
    errno = error;
    return -1;
  }
  return next(fd, bytes, size);
}

int close(int fd) {
  static auto* const next = Next<int(int)>("close");
  const int flags = fcntl(fd, F_GETFL);
  const bool written = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && (flags & O_PATH) == 0;
  const int error = written ? Ordered("close", fd) : 0;
  const int result = next(fd);
  if (error == 0) return result;
  errno = error;
  return -1;
}

int renameat(int from, const char* old_name, int to, const char* new_name) {
  static auto* const next = Next<int(int, const char*, int, const char*)>("renameat");
  if (const int error = Ordered("rename", to); error != 0) {
    errno = error;
    return -1;
  }
  return next(from, old_name, to, new_name);
}

}  // extern "C"
