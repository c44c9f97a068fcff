// SPDX-License-Identifier: Apache-2.0
#include "common/git/libgit2.h"

#include <git2.h>
#include <git2/sys/alloc.h>

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace sluice::git {
namespace {

// What a repository makes us hold. One block is an object, or a list of all objects of a pack; a
// difference needs two, what it is made from and what it makes. All that is larger than kLarge
// counts towards kLargeBudget, over all threads: hostile packs may come from many servers at once.
constexpr size_t kMaxAllocation = size_t{128} << 20;
constexpr size_t kLarge = size_t{4} << 20;
constexpr size_t kLargeBudget = size_t{256} << 20;
// What of packs is mapped at once, which counts as resident while it is.
constexpr size_t kMapWindow = size_t{4} << 20;
constexpr size_t kMapLimit = size_t{32} << 20;
constexpr ssize_t kCacheLimit = ssize_t{16} << 20;

std::atomic<size_t> large_in_use = 0;

// Takes `size` from the budget if it is large; what Free() gives back is the same, since the size
// of a block is asked of malloc there and here.
bool Admit(size_t size) {
  if (size > kMaxAllocation) {
    git_error_set_str(GIT_ERROR_NOMEMORY,
                      absl::StrCat("out of memory: ", size, " bytes at once are more than the ",
                                   kMaxAllocation, " that an object may have")
                          .c_str());
    return false;
  }
  if (size > kLarge && large_in_use + size > kLargeBudget) {
    git_error_set_str(GIT_ERROR_NOMEMORY,
                      "out of memory: too many large objects are worked on at the same time");
    return false;
  }
  return true;
}

void Count(void* block) {
  if (block == nullptr) return git_error_set_oom();
  if (const size_t size = malloc_usable_size(block); size > kLarge) large_in_use += size;
}

void Discount(void* block) {
  if (block == nullptr) return;
  if (const size_t size = malloc_usable_size(block); size > kLarge) large_in_use -= size;
}

void Free(void* block) {
  Discount(block);
  std::free(block);
}

void* Allocate(size_t size, const char* /*file*/, int /*line*/) {
  if (!Admit(size)) return nullptr;
  void* const result = std::malloc(size == 0 ? 1 : size);
  Count(result);
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
  if (!Admit(size)) return nullptr;
  Discount(block);
  void* const result = std::realloc(block, size == 0 ? 1 : size);
  if (result == nullptr) Count(block);  // it is still there
  Count(result);
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
                             ReallocateArray, AllocateArray,  Free};
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
void FreeHandle::operator()(git_object* handle) const { git_object_free(handle); }
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
