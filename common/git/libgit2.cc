// SPDX-License-Identifier: Apache-2.0
#include "common/git/libgit2.h"

#include <git2.h>
#include <git2/sys/alloc.h>

#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace sluice::git {
namespace {

constexpr size_t kMaxAllocation = size_t{512} << 20;
constexpr size_t kMapWindow = size_t{16} << 20;
constexpr size_t kMapLimit = size_t{256} << 20;
constexpr ssize_t kCacheLimit = ssize_t{16} << 20;

void* Allocate(size_t size, const char* /*file*/, int /*line*/) {
  void* const result = size <= kMaxAllocation ? std::malloc(size == 0 ? 1 : size) : nullptr;
  if (result == nullptr) git_error_set_oom();
  return result;
}

bool Product(size_t count, size_t size, size_t& result) {
  if (!__builtin_mul_overflow(count, size, &result)) return true;
  git_error_set_oom();
  return false;
}

void* AllocateZeroed(size_t count, size_t size, const char* file, int line) {
  size_t bytes = 0;
  void* const result = Product(count, size, bytes) ? Allocate(bytes, file, line) : nullptr;
  if (result != nullptr) std::memset(result, 0, bytes);
  return result;
}

void* Reallocate(void* block, size_t size, const char* /*file*/, int /*line*/) {
  void* const result = size <= kMaxAllocation ? std::realloc(block, size == 0 ? 1 : size) : nullptr;
  if (result == nullptr) git_error_set_oom();
  return result;
}

void* ReallocateArray(void* block, size_t count, size_t size, const char* file, int line) {
  size_t bytes = 0;
  return Product(count, size, bytes) ? Reallocate(block, bytes, file, line) : nullptr;
}

void* AllocateArray(size_t count, size_t size, const char* file, int line) {
  return ReallocateArray(nullptr, count, size, file, line);
}

char* DuplicateBytes(const char* text, size_t size, const char* file, int line) {
  char* const copy = static_cast<char*>(Allocate(size + 1, file, line));
  if (copy == nullptr) return nullptr;
  std::memcpy(copy, text, size);
  copy[size] = '\0';
  return copy;
}

char* Duplicate(const char* text, const char* file, int line) {
  return DuplicateBytes(text, std::strlen(text), file, line);
}

char* DuplicatePrefix(const char* text, size_t size, const char* file, int line) {
  return DuplicateBytes(text, strnlen(text, size), file, line);
}

bool Init() {
  git_allocator allocator = {Allocate,        AllocateZeroed, Duplicate,
                             DuplicatePrefix, DuplicateBytes, Reallocate,
                             ReallocateArray, AllocateArray,  std::free};
  git_libgit2_init();
  git_libgit2_opts(GIT_OPT_SET_ALLOCATOR, &allocator);
  for (int level : {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
                    GIT_CONFIG_LEVEL_GLOBAL}) {
    git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
  }
  git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, kMapWindow);
  git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, kMapLimit);
  git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, kCacheLimit);
  // Volumes belong to root where the process does not. We run no hook and no configured command.
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  return true;
}

}  // namespace

void FreeHandle::operator()(git_odb* handle) const { git_odb_free(handle); }
void FreeHandle::operator()(git_odb_object* handle) const { git_odb_object_free(handle); }
void FreeHandle::operator()(git_indexer* handle) const { git_indexer_free(handle); }
void FreeHandle::operator()(git_packbuilder* handle) const { git_packbuilder_free(handle); }
void FreeHandle::operator()(git_reference* handle) const { git_reference_free(handle); }
void FreeHandle::operator()(git_reference_iterator* handle) const {
  git_reference_iterator_free(handle);
}
void FreeHandle::operator()(git_repository* handle) const { git_repository_free(handle); }

void InitLibgit2() {
  static const bool initialised = Init();
  static_cast<void>(initialised);
}

absl::Status Libgit2Error(int code, absl::string_view doing, absl::StatusCode otherwise) {
  const git_error* const error = git_error_last();
  const absl::string_view message = error != nullptr ? error->message : "no further details";
  return absl::Status(code == GIT_ENOTFOUND ? absl::StatusCode::kNotFound : otherwise,
                      absl::StrCat(doing, ": ", message));
}

ObjectId FromOid(const git_oid& oid) {
  return ObjectId::FromRaw(
      absl::string_view(reinterpret_cast<const char*>(oid.id), ObjectId::kBytes));
}

void ToOid(const ObjectId& id, git_oid* oid) {
  std::memcpy(oid->id, id.bytes.data(), ObjectId::kBytes);
}

}  // namespace sluice::git
